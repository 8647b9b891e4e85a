import Primitives

/// Keeps bad packets from filling the log: for each rule a few lines at once, then one a second.
struct ComplaintLimit: Sendable {
  static let burst = 10
  static let interval = Microseconds.seconds(1)

  private struct Allowance {
    var left = ComplaintLimit.burst
    var refilledAt = Instant.zero
    var suppressed: UInt64 = 0
  }

  private var allowances = ContiguousArray(
    repeating: Allowance(), count: DiscardRule.allCases.count)

  /// Whether to log a line, and how many were not since the last one; nil: not to log it.
  mutating func take(_ rule: DiscardRule, at now: Instant) -> UInt64? {
    let index = Int(rule.rawValue)
    let elapsed = now - allowances[index].refilledAt
    if elapsed >= Self.interval {
      let periods = elapsed.count / Self.interval.count
      allowances[index].left = Int(
        min(Int64(Self.burst), Int64(allowances[index].left) + min(periods, Int64(Self.burst))))
      allowances[index].refilledAt = now
    }
    guard allowances[index].left > 0 else {
      allowances[index].suppressed &+= 1
      return nil
    }
    allowances[index].left -= 1
    defer { allowances[index].suppressed = 0 }
    return allowances[index].suppressed
  }
}
