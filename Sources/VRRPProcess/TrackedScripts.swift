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
    var running: RunningScript?
    /// How far a script that takes too long has been told to end.
    var ending: Ending = .no
    var nextStart: EventLoop.Timer
    var limit: EventLoop.Timer

    init(
      _ definition: VRRPScript, _ tracker: ScriptTracker, nextStart: EventLoop.Timer,
      limit: EventLoop.Timer
    ) {
      self.definition = definition
      self.tracker = tracker
      self.nextStart = nextStart
      self.limit = limit
    }
  }

  private enum Ending { case no, terminated, killed }

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
    for entry in old {
      loop.discard(entry.nextStart)
      loop.discard(entry.limit)
    }
    entries = scripts.enumerated().map { number, script in
      let previous = old.first {
        $0.definition.name == script.name && $0.definition.script == script.script
      }
      let tracker =
        previous?.tracker.carried(rise: Int(script.rise), fall: Int(script.fall))
        ?? ScriptTracker(
          rise: Int(script.rise), fall: Int(script.fall), isNewAtReload: isReload)
      if previous != nil, let message = tracker.reloadMessage(script.name) { log.info(message) }
      return Entry(
        script, tracker, nextStart: loop.makeTimer(self, token: number * 2),
        limit: loop.makeTimer(self, token: number * 2 + 1))
    }
  }

  /// The first run of each comes at once.
  func start(at now: Instant) {
    for entry in entries { loop.arm(entry.nextStart, at: now) }
  }

  func stop() {
    for entry in entries {
      loop.disarm(entry.nextStart)
      loop.disarm(entry.limit)
    }
  }

  func timerFired(token: Int, at now: Instant) {
    let entry = entries[token / 2]
    if token % 2 == 0 { begin(token / 2, entry, now) } else { limitReached(entry, now) }
  }

  private func begin(_ number: Int, _ entry: Entry, _ now: Instant) {
    let script = entry.definition
    loop.arm(entry.nextStart, at: now + script.interval)
    if entry.running != nil {
      let what = entry.ending == .no ? "already running" : "being timed out"
      log.info("Track script \(script.name) is \(what), expect idle - skipping run")
      return
    }
    entry.ending = .no
    entry.running = runner.start(Program(script.script), isServing: true) {
      [weak self, weak entry] end in
      guard let self, let entry, self.entries.contains(where: { $0 === entry }) else { return }
      self.ended(number, entry, end)
    }
    if entry.running != nil { loop.arm(entry.limit, at: now + script.timeout) }
  }

  /// A script that takes too long is asked to end, then made to.
  private func limitReached(_ entry: Entry, _ now: Instant) {
    guard let running = entry.running else { return }
    switch entry.ending {
    case .no:
      entry.ending = .terminated
      running.signal(Signal.terminate)
      loop.arm(entry.limit, at: now + .seconds(2))
    case .terminated:
      entry.ending = .killed
      running.signal(Signal.kill)
      loop.arm(entry.limit, at: now + .seconds(2))
    case .killed:
      log.info(
        "Script \(entry.definition.name) child (PID \(running.process))"
          + " failed to terminate after kill"
      )
      running.signal(Signal.kill)
      loop.arm(entry.limit, at: now + .seconds(10))
    }
  }

  private func ended(_ number: Int, _ entry: Entry, _ end: ScriptEnd) {
    let ending = entry.ending
    loop.disarm(entry.limit)
    if ending == .terminated { entry.running?.signal(Signal.kill) }
    entry.running = nil
    entry.ending = .no
    let name = entry.definition.name
    let outcome = Self.outcome(of: end, isEnded: ending != .no)
    if let status = entry.tracker.newExitStatus(of: outcome) {
      log.info("Script `\(name)` now returning \(status)")
    }
    let before = entry.tracker.status
    if let message = entry.tracker.ended(outcome).message(name) { log.info(message) }
    if entry.tracker.status != before { changed(number, entry.tracker.status) }
  }

  private static func outcome(of end: ScriptEnd, isEnded: Bool) -> ScriptTracker.Outcome {
    switch end {
    case .ended(.exited(let status)): .exited(status: status)
    case .ended(.signalled(let signal)):
      isEnded && (signal == Signal.terminate || signal == Signal.kill)
        ? .timedOut : .signalled(signal)
    // The reference counts a script that cannot be executed as a success.
    case .notStarted: .exited(status: 127)
    }
  }
}
