import Configuration
import EventLoop
import Host
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// Runs each `vrrp_script` at its interval and judges how it ended.
final class TrackedScripts: TimerHandler {
  private final class Entry {
    let definition: VRRPScript
    var tracker: ScriptTracker
    var running: LimitedScript?
    /// This process, and perhaps the script with it, stood still while the script ran.
    var hasStoodStill = false
    /// The last run took too long for that: the next one counts.
    var isExcused = false
    var nextStart: EventLoop.Timer

    init(_ definition: VRRPScript, _ tracker: ScriptTracker, nextStart: EventLoop.Timer) {
      self.definition = definition
      self.tracker = tracker
      self.nextStart = nextStart
    }
  }

  private let loop: EventLoop
  private let log: Log
  private let runner: ScriptRunner
  private let changed: (Int, TrackerStatus) -> Void
  private var entries: [Entry] = []

  /// `changed` is told the number of the script in the configuration, and its status.
  init(
    loop: EventLoop, log: Log, runner: ScriptRunner,
    changed: @escaping (Int, TrackerStatus) -> Void
  ) {
    self.loop = loop
    self.log = log
    self.runner = runner
    self.changed = changed
  }

  func status(_ number: Int) -> TrackerStatus { entries[number].tracker.status }

  /// Takes over the scripts of a configuration; what is known of equal ones is kept. The caller has
  /// ended those that run.
  func replace(_ scripts: [VRRPScript], isReload: Bool) {
    let old = entries
    for entry in old { loop.discard(entry.nextStart) }
    entries = scripts.enumerated().map { number, script in
      let previous = old.first {
        $0.definition.name == script.name && $0.definition.script == script.script
      }
      let tracker =
        previous?.tracker.carried(rise: Int(script.rise), fall: Int(script.fall))
        ?? ScriptTracker(
          rise: Int(script.rise), fall: Int(script.fall), isNewAtReload: isReload)
      if previous != nil, let message = tracker.reloadMessage(script.name) { log.info(message) }
      return Entry(script, tracker, nextStart: loop.makeTimer(self, token: number))
    }
  }

  /// The first run of each comes at once.
  func start(at now: Instant) {
    for entry in entries { loop.arm(entry.nextStart, at: now) }
  }

  /// Nothing is made of the end of those that still run.
  func stop() {
    for entry in entries { loop.discard(entry.nextStart) }
    entries = []
  }

  /// A script that was frozen with this process had no time to end.
  func wokeLate(by lateness: Microseconds) {
    let standstill = Standstill(lateness: lateness, now: loop.now)
    for entry in entries where standstill.matters(to: entry.definition.timeout) {
      entry.hasStoodStill = entry.running != nil
    }
  }

  func timerFired(token: Int, at now: Instant) { begin(token, entries[token], now) }

  private func begin(_ number: Int, _ entry: Entry, _ now: Instant) {
    let script = entry.definition
    loop.arm(entry.nextStart, at: now + script.interval)
    if let running = entry.running {
      let what = running.isEnding ? "being timed out" : "already running"
      log.info("Track script \(script.name) is \(what), expect idle - skipping run")
      return
    }
    entry.hasStoodStill = false
    entry.running = LimitedScript(
      Program(script.script), limit: script.timeout, in: runner, on: loop,
      overdue: { [log] process in
        log.info("Script \(script.name) child (PID \(process)) failed to terminate after kill")
      },
      ended: { [weak self, weak entry] end in
        guard let self, let entry, self.entries.contains(where: { $0 === entry }) else { return }
        self.ended(number, entry, end)
      })
  }

  private func ended(_ number: Int, _ entry: Entry, _ end: LimitedScript.End) {
    entry.running = nil
    let name = entry.definition.name
    let isExcused = end == .timedOut && entry.hasStoodStill && !entry.isExcused
    entry.isExcused = isExcused
    if isExcused {
      log.info("Script \(name) was timed out, but this process stood still: it is run again")
      return
    }
    let outcome = Self.outcome(of: end)
    if let status = entry.tracker.newExitStatus(of: outcome) {
      log.info("Script `\(name)` now returning \(status)")
    }
    let before = entry.tracker.status
    if let message = entry.tracker.ended(outcome).message(name) { log.info(message) }
    if entry.tracker.status != before { changed(number, entry.tracker.status) }
  }

  private static func outcome(of end: LimitedScript.End) -> ScriptTracker.Outcome {
    switch end {
    case .exited(let status): .exited(status: status)
    case .signalled(let signal): .signalled(signal)
    case .timedOut: .timedOut
    // The reference counts a script that cannot be executed as a success.
    case .notStarted: .exited(status: 127)
    }
  }
}
