/// The time of day, for the trailer of `auth_hmac` only.
package struct WallClock: Hashable, Comparable, Sendable {
  /// Seconds since 1970 in UTC, modulo 2^32.
  package var seconds: UInt32
  package var nanoseconds: UInt32

  package init(seconds: UInt32, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Seconds, a binary fraction of 16 bits, and a counter of zero.
  package var sequence: UInt64 {
    let fraction = UInt64(min(nanoseconds, 999_999_999)) * 65536 / 1_000_000_000
    return UInt64(seconds) << 32 | fraction << 16
  }

  package static func < (left: WallClock, right: WallClock) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}
