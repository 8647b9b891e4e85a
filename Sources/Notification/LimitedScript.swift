package import EventLoop
package import Primitives
package import SystemIO

/// A script that has so long to end: then it is asked to, and after that made to.
///
/// SIGTERM that is not ours may be a stop of the daemon, sent to all its processes at once (the
/// service manager's `KillMode=control-group`, a shutdown of the host): then the script dies before
/// this process has read its own. So its end is told a moment later; until then who waits for it
/// can be stopped, and lets go of it.
package final class LimitedScript: TimerHandler {
  /// How the script ended.
  package enum End: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// It died of being told to end.
    case timedOut
    case notStarted(Errno)
  }

  /// How far it has been told to end.
  private enum Ending { case no, terminated, killed }

  private static let patience = Microseconds.seconds(2)
  private static let patienceAfterKill = Microseconds.seconds(10)

  private let loop: EventLoop
  private let overdue: (Int32) -> Void
  private let ended: (End) -> Void
  /// An end that is told when the timer fires.
  private var untold: End?
  private var running: RunningScript?
  private var ending = Ending.no
  private var timer: EventLoop.Timer?

  /// Nil if it could not be started, which is logged, with `faults` once while it lasts. `overdue`
  /// is told the process that is there even though it was killed, again and again; `ended` is
  /// called once.
  package init?(
    _ program: Program, limit: Microseconds, in runner: ScriptRunner, on loop: EventLoop,
    faults: StartFaults? = nil, overdue: @escaping (Int32) -> Void, ended: @escaping (End) -> Void
  ) {
    self.loop = loop
    self.overdue = overdue
    self.ended = ended
    running = runner.start(program, isServing: true, faults: faults) { [self] end in
      finish(outcome(of: end))
    }
    if running == nil { return nil }
    let timer = loop.makeTimer(self)
    self.timer = timer
    loop.arm(timer, at: Clock.now + limit)
  }

  /// Whether it was told to end.
  package var isEnding: Bool { ending != .no }

  /// Tells it to end, without waiting for the limit.
  package func terminate() {
    if running != nil && ending == .no { timerFired(token: 0, at: Clock.now) }
  }

  package func timerFired(token: Int, at now: Instant) {
    if let untold { return tell(untold) }
    guard let running, let timer else { return }
    switch ending {
    case .no:
      ending = .terminated
      running.signal(Signal.terminate)
      loop.arm(timer, at: now + Self.patience)
    case .terminated:
      ending = .killed
      running.signal(Signal.kill)
      loop.arm(timer, at: now + Self.patience)
    case .killed:
      overdue(running.process)
      running.signal(Signal.kill)
      loop.arm(timer, at: now + Self.patienceAfterKill)
    }
  }

  private func outcome(of end: ScriptEnd) -> End {
    // What it has started may not have died with it.
    if ending == .terminated { running?.signal(Signal.kill) }
    switch end {
    case .ended(.exited(let status)): return .exited(status)
    case .ended(.signalled(let signal)):
      let isOurs = isEnding && (signal == Signal.terminate || signal == Signal.kill)
      return isOurs ? .timedOut : .signalled(signal)
    case .notStarted(let error): return .notStarted(error)
    }
  }

  private func finish(_ end: End) {
    running = nil
    guard end == .signalled(Signal.terminate), let timer else { return tell(end) }
    untold = end
    loop.arm(timer, at: Clock.now + Signal.spread)
  }

  private func tell(_ end: End) {
    untold = nil
    if let timer { loop.discard(timer) }
    timer = nil
    ended(end)
  }
}
