import CLinux
package import Primitives

/// The clocks of the system. Only the process layer reads them.
package enum Clock {
  /// The monotonic clock, which every timer runs on.
  package static var now: Instant {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
  }

  /// UTC seconds and nanoseconds, for what is compared with other hosts.
  package static var wall: (seconds: Int64, nanoseconds: Int64) {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return (Int64(time.tv_sec), Int64(time.tv_nsec))
  }

  /// Seconds since the system was started.
  package static var uptime: Microseconds {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return Microseconds(Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
  }

  /// Local time in a format of `strftime`.
  package static func localTime(_ format: String, seconds: Int64 = wall.seconds) -> String {
    var time = time_t(seconds)
    var parts = unsafe tm()
    _ = unsafe localtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let length = unsafe text.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe strftime($0, buffer.count, format, &parts) } ?? 0
    }
    return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
