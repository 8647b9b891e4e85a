package import Configuration
import EventLoop
import Logging
import Primitives
import SystemIO

/// How the kernel schedules this process, and what memory it may keep: as the configuration asks,
/// at the start and after each reload, by what is different.
package final class Scheduling {
  /// What a configuration asks for one process.
  package struct Settings: Hashable, Sendable {
    var process: ProcessScheduling
    var highestAutomaticPriority: Int32
    var tolerance: Microseconds

    /// `process`: nil for one that has no keywords of its own.
    package init(_ global: GlobalDefinitions, _ process: ProcessScheduling?) {
      self.process = process ?? ProcessScheduling()
      if case .upTo(let highest) = global.maxAutoPriority, self.process.rtPriority == 0 {
        highestAutomaticPriority = Int32(highest)
      } else {
        highestAutomaticPriority = 0
      }
      tolerance = global.minAutoPriorityDelay
    }
  }

  let title: String
  private let log: Log
  /// As the process was started.
  private lazy var originalNice = Resources.nice
  /// The nice value that was asked for last; real-time scheduling leaves it where it is.
  private var niceInForce: Int8 = 0
  private lazy var originalAffinity = Resources.affinity
  private var inForce = ProcessScheduling()
  private var highestAutomaticPriority: Int32 = 0
  /// Who wakes up later than this says so, and may get a higher priority.
  private var tolerance = Microseconds.seconds(1)
  /// The real-time priority that the process has now, asked for or brought by lateness; 0: none.
  private var realTimePriority: Int32 = 0
  /// How much processor time the process may take while it has one; nil: any.
  private var timeLimit: Microseconds?

  init(title: String, log: Log) {
    self.title = title
    self.log = log
  }

  func apply(_ settings: Settings, to loop: EventLoop) {
    tolerance = settings.tolerance
    loop.lateness = min(tolerance, Turn.standstill)
    suspendRealTime()
    highestAutomaticPriority = settings.highestAutomaticPriority
    let wanted = settings.process
    let old = inForce
    inForce = wanted
    if wanted.cpuAffinity != old.cpuAffinity {
      let originalAffinity = originalAffinity
      attempt { () throws(Errno) in
        try Resources.setAffinity(
          wanted.cpuAffinity.isEmpty ? originalAffinity : wanted.cpuAffinity)
      }
    }
    if wanted.noSwap && !old.noSwap {
      attempt { () throws(Errno) in try Resources.lockMemory() }
    } else if !wanted.noSwap && old.noSwap {
      Resources.unlockMemory()
    }
    // From here on what takes long is a fault.
    attempt { () throws(Errno) in try setPriority(wanted) }
  }

  /// Work begins that takes longer than a real-time process may: the kernel would kill it.
  func suspendRealTime() {
    if realTimePriority == 0 { return }
    attempt { () throws(Errno) in try setRealTimePriority(0) }
  }

  /// A real-time priority counts before the nice value.
  private func setPriority(_ wanted: ProcessScheduling) throws(Errno) {
    if wanted.rtPriority > 0 {
      // Without the right to raise a limit the lower one stays.
      attempt(limitTime)
      return try setRealTimePriority(Int32(wanted.rtPriority))
    }
    if wanted.priority != niceInForce {
      let originalNice = originalNice
      try Resources.setNice(wanted.priority == 0 ? originalNice : Int32(wanted.priority))
      niceInForce = wanted.priority
    }
  }

  private func limitTime() throws(Errno) {
    if inForce.rlimitRttime == timeLimit { return }
    try Resources.setRealTimeLimit(
      microseconds: inForce.rlimitRttime.map { UInt64(max($0.count, 0)) } ?? .max)
    timeLimit = inForce.rlimitRttime
  }

  private func setRealTimePriority(_ priority: Int32) throws(Errno) {
    try Resources.setRealTimePriority(priority)
    realTimePriority = priority
  }

  /// One fault must not keep the rest from being done.
  private func attempt(_ body: () throws(Errno) -> Void) {
    do throws(Errno) { try body() } catch {
      log.warning("Unable to set scheduling of the \(title) process - \(error)")
    }
  }

  // MARK: Automatic priority

  /// Timers run late: the real-time priority rises by one, up to `max_auto_priority`.
  func wokeLate(by lateness: Microseconds) {
    guard lateness >= tolerance else { return }
    log.info("A thread timer expired \(lateness.secondsText) seconds ago")
    guard realTimePriority < highestAutomaticPriority else { return }
    let priority = realTimePriority + 1
    attempt(limitTime)
    do throws(Errno) {
      try setRealTimePriority(priority)
      log.info("Set realtime priority \(priority)")
    } catch {
      log.warning("Unable to set realtime priority \(priority) - \(error)")
    }
  }
}
