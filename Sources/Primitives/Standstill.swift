/// A process that stood still, which others did not: their silence counts from when it can have
/// heard them again.
package struct Standstill: Hashable, Sendable {
  package var lateness: Microseconds
  package var now: Instant

  /// Lateness that matters to whoever is heard once in a tenth of a second or less.
  private static let longestTolerated = Microseconds.milliseconds(100)

  package init(lateness: Microseconds, now: Instant) {
    self.lateness = lateness
    self.now = now
  }

  /// Whether somebody who is heard once in an `interval` may have been missed by it.
  package func matters(to interval: Microseconds) -> Bool {
    lateness >= min(interval, Self.longestTolerated)
  }
}
