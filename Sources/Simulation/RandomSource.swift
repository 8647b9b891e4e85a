import Primitives

/// Random numbers that a seed determines (SplitMix64).
package struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// True so many times of a hundred.
  mutating func chance(_ percent: Int) -> Bool { Int(next() % 100) < percent }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    let count = UInt64(range.upperBound - range.lowerBound) + 1
    return range.lowerBound + Int(next() % count)
  }

  mutating func time(_ range: ClosedRange<Int64>) -> Microseconds {
    let count = UInt64(range.upperBound - range.lowerBound) + 1
    return Microseconds(range.lowerBound + Int64(next() % count))
  }
}
