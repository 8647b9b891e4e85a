/// A point on the monotonic clock, in microseconds since an arbitrary start.
///
/// Protocol cores never read a clock: the current instant is a parameter of every event.
package struct Instant: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static let zero = Instant(microseconds: 0)
  package static let distantFuture = Instant(microseconds: .max)

  package static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  package static func + (left: Instant, right: Microseconds) -> Instant {
    Instant(microseconds: (Microseconds(left.microseconds) + right).count)
  }

  package static func - (left: Instant, right: Microseconds) -> Instant {
    Instant(microseconds: (Microseconds(left.microseconds) - right).count)
  }

  package static func - (left: Instant, right: Instant) -> Microseconds {
    Microseconds(left.microseconds) - Microseconds(right.microseconds)
  }
}
