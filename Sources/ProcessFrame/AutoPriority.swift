package import Configuration
package import Logging
import Primitives
import SystemIO

/// Raises the scheduling priority step by step when timers run late (`max_auto_priority`).
package final class AutoPriority {
  private let highest: Int32
  private let limit: Microseconds?
  private let log: Log
  private var current: Int32 = 0

  /// Nil if the configuration does not want it.
  package init?(_ global: GlobalDefinitions, _ process: ProcessScheduling, log: Log) {
    guard case .upTo(let highest) = global.maxAutoPriority, highest > 0, process.rtPriority == 0
    else { return nil }
    self.highest = Int32(highest)
    limit = process.rlimitRttime
    self.log = log
  }

  package func wokeLate() {
    guard current < highest else { return }
    do throws(Errno) {
      if current == 0, let limit {
        try Resources.setRealTimeLimit(microseconds: UInt64(max(limit.count, 0)))
      }
      try Resources.setRealTimePriority(current + 1)
      current += 1
      log.info("Set realtime priority \(current)")
    } catch { log.warning("Unable to set realtime priority \(current + 1) - \(error)") }
  }

  /// For work that takes longer than real-time processes may, as reading a configuration does.
  package func reset() {
    guard current > 0 else { return }
    current = 0
    try? Resources.setRealTimePriority(0)
  }
}
