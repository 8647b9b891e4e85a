import ConfigurationSyntax
import Primitives

extension RouteLine {
  /// `rtt`, `rttvar` and `rto_min`. The kernel counts them in eighths, quarters and whole
  /// milliseconds.
  static let timeWords: [LineWord<RouteDraft>] = [
    time("rtt", .rtt, unitsPerMillisecond: 8, label: "rtt", "round-trip time"),
    time(
      "rttvar", .rttvar, unitsPerMillisecond: 4, label: "rtt", "variance of the round-trip time"),
    time("rto_min", .rtoMin, unitsPerMillisecond: 1, label: "rto", "least retransmission time-out"),
  ]

  private static func time(
    _ name: String, _ kind: Metric.Kind, unitsPerMillisecond scale: UInt64, label: String,
    _ help: String
  ) -> LineWord<RouteDraft> {
    LineWord(
      name, "[lock] TIME", range: "200ms to 120s", "\(help): N in the kernel's unit, Ns or Nms"
    ) { draft, cursor throws(LineStop) in
      let isLocked = cursor.skip("lock")
      let word = try cursor.argument()
      guard let units = try cursor.time(scale: scale, name) else {
        throw cursor.refuse(
          "Invalid \(name) \(word) for route", expected: "N, Ns, Nsec, Nms or Nmsec")
      }
      let least = 200 * scale
      let most = 120_000 * scale
      if units < least {
        cursor.report("\(label) value \(word) below minimum 200ms, resetting")
      } else if units > most {
        cursor.report("\(label) value \(word) exceeds maximum 120s, resetting")
      }
      let value = UInt32(clamping: min(max(units, least), most))
      draft.route.set(Metric(kind, value, isLocked: isLocked))
    }
  }
}

extension LineCursor {
  private static let units: [(suffix: String, places: Int)] = [
    ("msecs", 0), ("msec", 0), ("ms", 0), ("secs", 3), ("sec", 3), ("s", 3),
  ]

  /// The current word in the kernel's unit.
  fileprivate func time(scale: UInt64, _ name: String) throws(LineStop) -> UInt64? {
    let text = word.lowercased()
    if text.contains("e") && !text.hasSuffix("sec") && !text.hasSuffix("secs") {
      throw refuse("\(name) value \(word): exponential form is no longer supported")
    }
    let most: UInt64 = 120_000 * scale
    guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) else {
      return try unsigned(in: 0...most * scale, .strict)
    }
    let number = word.dropLast(unit.suffix.count)
    let (whole, decimals) = String(number).cut(at: ".")
    if decimals != nil && unit.places == 0 { return nil }
    guard let units = try unsigned(in: 0...most, .strict, of: whole) else { return nil }
    guard unit.places > 0 else { return units * scale }
    guard units <= most / 1000, let milliseconds = Self.thousandths(decimals ?? "") else {
      return nil
    }
    return (units * 1000 + milliseconds) * scale
  }

  /// Up to three decimals as thousandths.
  private static func thousandths(_ digits: Substring) -> UInt64? {
    if digits.isEmpty { return 0 }
    guard digits.utf8.count <= 3, let value = UInt64(digits) else { return nil }
    return value * [100, 10, 1][digits.utf8.count - 1]
  }
}
