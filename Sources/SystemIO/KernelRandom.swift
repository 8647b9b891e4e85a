import CLinux

/// The kernel's random numbers, fetched in lots: drawing one for each packet would cost a system
/// call for each.
package struct KernelRandom: RandomNumberGenerator, Sendable {
  /// 256 octets: up to there no signal cuts a request short (getrandom(2)).
  private static let lot = 32
  private var numbers: [UInt64] = []

  package init() {}

  package mutating func next() -> UInt64 {
    if let number = numbers.popLast() { return number }
    numbers.append(contentsOf: repeatElement(0, count: Self.lot))
    let fetched = unsafe numbers.withUnsafeMutableBytes {
      unsafe getrandom($0.baseAddress, $0.count, 0)
    }
    if fetched != Self.lot * MemoryLayout<UInt64>.stride { numbers = [] }
    // The standard library falls back on /dev/urandom.
    return numbers.popLast() ?? UInt64.random(in: .min ... .max)
  }

  /// A single one.
  package static var number: UInt64 {
    var value: UInt64 = 0
    _ = unsafe withUnsafeMutableBytes(of: &value) {
      unsafe getrandom($0.baseAddress, $0.count, 0)
    }
    return value
  }
}
