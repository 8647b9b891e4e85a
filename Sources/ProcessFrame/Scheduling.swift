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
  /// The real-time priority that lateness has brought.
  private var automaticPriority: Int32 = 0

  init(title: String, log: Log) {
    self.title = title
    self.log = log
  }

  func apply(_ settings: Settings, to loop: EventLoop) {
    tolerance = settings.tolerance
    loop.lateness = min(tolerance, Turn.standstill)
    suspendAutomaticPriority()
    highestAutomaticPriority = settings.highestAutomaticPriority
    let wanted = settings.process
    let old = inForce
    inForce = wanted
    attempt { () throws(Errno) in try setPriority(from: old, to: wanted) }
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
  }

  /// A real-time priority counts before the nice value.
  private func setPriority(
    from old: ProcessScheduling, to wanted: ProcessScheduling
  ) throws(Errno) {
    if wanted.rtPriority > 0 {
      if wanted.rlimitRttime != old.rlimitRttime || old.rtPriority == 0 { try limitTime(wanted) }
      if wanted.rtPriority != old.rtPriority {
        try Resources.setRealTimePriority(Int32(wanted.rtPriority))
      }
      return
    }
    if old.rtPriority > 0 { try Resources.setRealTimePriority(0) }
    if wanted.priority != niceInForce {
      let originalNice = originalNice
      try Resources.setNice(wanted.priority == 0 ? originalNice : Int32(wanted.priority))
      niceInForce = wanted.priority
    }
  }

  private func limitTime(_ wanted: ProcessScheduling) throws(Errno) {
    guard let limit = wanted.rlimitRttime else { return }
    try Resources.setRealTimeLimit(microseconds: UInt64(max(limit.count, 0)))
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
    guard automaticPriority < highestAutomaticPriority else { return }
    do throws(Errno) {
      if automaticPriority == 0 { try limitTime(inForce) }
      try Resources.setRealTimePriority(automaticPriority + 1)
      automaticPriority += 1
      log.info("Set realtime priority \(automaticPriority)")
    } catch {
      log.warning("Unable to set realtime priority \(automaticPriority + 1) - \(error)")
    }
  }

  func suspendAutomaticPriority() {
    guard automaticPriority > 0 else { return }
    automaticPriority = 0
    try? Resources.setRealTimePriority(0)
  }
}
