// This target is what the whole program counts, compares and names things with.
//
// Times are whole microseconds: `Microseconds` is a length, `Instant` a point on the monotonic
// clock. Their arithmetic saturates, so that no number from a file or a packet can overflow.
// `IPAddress`, `IPv4Address` and `IPv6Address` are numbers with the text forms of RFC 4291 and
// RFC 5952; `MACAddress` is one of 48 bits. `Identifiers` holds the numbers that must not be mixed
// up, each as a type: VRIDs, priorities, indices of interfaces.
//
// Everything is a value without a reference to anything else. Nothing here knows a protocol, a
// configuration or a process; what two targets need is not reason enough to be here.
//
// What must never happen: a trap on any input; a clock, a file or a socket.

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
