package import SystemIO
import Wire

/// Looks for a regular expression in a stream, buffer by buffer.
///
/// Compatibility: what matches to the very end of what is there counts only when more has come and
/// it still does; and places are counted from the begin of the first buffer.
package struct RegexSearch {
  let regex: RegularExpression
  /// Buffers before this place are not looked at.
  let minOffset: UInt64
  /// The last place where a match may begin.
  let maxOffset: UInt64

  private(set) var isMatched = false
  /// Somewhere it took too long to look, so that nobody knows whether there is a match.
  private(set) var isGivenUp = false
  /// Nothing that comes can change the result.
  private(set) var isOver = false
  /// Something had to be given up: it would have filled the whole buffer.
  private(set) var hasDiscarded = false
  /// Where in the stream the buffer begins.
  private var start: UInt64 = 0
  /// Where in the buffer to go on.
  private var next = 0

  package init(_ regex: RegularExpression, minOffset: UInt64, maxOffset: UInt64) {
    self.regex = regex
    self.minOffset = minOffset
    self.maxOffset = maxOffset
  }

  /// What is to stand in front of the next buffer: all from an offset of this one on.
  mutating func search(_ buffer: Span<UInt8>) -> Int {
    let end = start &+ UInt64(buffer.count)
    guard !isOver, end > minOffset else { return skip(buffer.count) }
    let first = minOffset > start ? Int(clamping: minOffset - start) : 0
    switch regex.find(in: buffer, from: max(next, first)) {
    case .none: return skip(buffer.count)
    case .givenUp:
      isGivenUp = true
      return skip(buffer.count)
    case .match(let place):
      isMatched = start &+ UInt64(place) <= maxOffset
      isOver = true
      return skip(buffer.count)
    case .partial(let place):
      if start &+ UInt64(place) > maxOffset {
        isOver = true
        return skip(buffer.count)
      }
      let kept = max(0, place - regex.lookBehind)
      if buffer.count - kept >= HTTPResponseHead.longest {
        hasDiscarded = true
        return skip(buffer.count)
      }
      next = place - kept
      start &+= UInt64(kept)
      return kept
    }
  }

  private mutating func skip(_ count: Int) -> Int {
    start &+= UInt64(count)
    next = 0
    return count
  }
}
