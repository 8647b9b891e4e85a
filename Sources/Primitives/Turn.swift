/// In which order one turn of an event loop does its work: what waits is read, then the timers fire
/// that were due when the turn began.
///
/// A timer that is due says that somebody has been silent. A process that woke up in time knows
/// that; one that stood still (stopped by a signal, frozen, in a virtual machine that was paused,
/// without a processor) knows it only after it has read everything that came in meanwhile. One wait
/// does not tell: it may have been interrupted, and it returns a part only. So a late turn asks
/// again until nothing is left, or `limit` times: a flood must not keep the timers waiting.
///
/// The loop and the simulators both go by this.
package struct Turn: Sendable {
  package enum Step: Hashable, Sendable { case readMore, fireTimers }

  /// When the turn began.
  package let now: Instant
  /// How much later than its first deadline.
  package let lateness: Microseconds
  private var readings = 0

  /// Less is what any wake-up takes.
  package static let tolerance = Microseconds(500)
  /// From here on nobody's silence is judged by the clock alone.
  package static let standstill = Microseconds.milliseconds(10)
  /// More than the packets of a full socket buffer take.
  package static let limit = 64

  package init(at now: Instant, firstDeadline: Instant?) {
    self.now = now
    lateness = firstDeadline.map { max(now - $0, .zero) } ?? .zero
  }

  /// After the wait and after each reading: `found` is how much there was the last time; nil for
  /// the wait itself.
  package mutating func next(found: Int?) -> Step {
    guard lateness > Self.tolerance, found != 0, readings < Self.limit else { return .fireTimers }
    readings += 1
    return .readMore
  }
}
