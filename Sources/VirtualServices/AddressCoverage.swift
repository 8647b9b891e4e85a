import Primitives

/// Addresses of one family that somebody has already.
struct AddressCoverage {
  /// Ascending, without a common address.
  private var ranges: [ClosedRange<IPAddress>] = []

  /// Adds addresses; those of them that were not there, ascending.
  mutating func insert(_ range: ClosedRange<IPAddress>) -> [ClosedRange<IPAddress>] {
    let place = firstEnding(atOrAfter: range.lowerBound)
    var pieces: [ClosedRange<IPAddress>] = []
    var start: IPAddress? = range.lowerBound
    var end = place
    while end < ranges.endIndex, let begin = start, ranges[end].lowerBound <= range.upperBound {
      let known = ranges[end]
      if begin < known.lowerBound, let last = known.lowerBound.predecessor {
        pieces.append(begin...last)
      }
      start = known.upperBound.successor
      end += 1
    }
    if let begin = start, begin <= range.upperBound { pieces.append(begin...range.upperBound) }
    let overlapped = ranges[place..<end]
    let lower = min(range.lowerBound, overlapped.first?.lowerBound ?? range.lowerBound)
    let upper = max(range.upperBound, overlapped.last?.upperBound ?? range.upperBound)
    ranges.replaceSubrange(place..<end, with: [lower...upper])
    return pieces
  }

  private func firstEnding(atOrAfter address: IPAddress) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = low + (high - low) / 2
      if ranges[middle].upperBound < address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
