import Configuration
import EventLoop
import HealthChecking
import Host
import Logging
import Notification
import Primitives
import SystemIO

/// MISC_CHECK: what a script says.
final class MiscAttempts: CheckAttempts, TimerHandler {
  private let check: MiscCheck
  private let environment: CheckEnvironment
  private let ended: (CheckResult) -> Void
  private var running: LimitedScript?
  /// Whether somebody waits for the end of the script.
  private var isAwaited = false
  /// For the result of an attempt that could not be made.
  private var timer: EventLoop.Timer?

  init(
    _ check: MiscCheck, in environment: CheckEnvironment, ended: @escaping (CheckResult) -> Void
  ) {
    self.check = check
    self.environment = environment
    self.ended = ended
  }

  private var name: String { check.script.arguments.first ?? check.script.path }

  func begin(url: Int) {
    cancel()
    // One that was cancelled may not have ended yet: there is at most one at a time.
    if running == nil {
      start()
      isAwaited = running != nil
    }
    if isAwaited { return }
    let timer = environment.loop.makeTimer(self)
    self.timer = timer
    environment.loop.arm(timer, at: environment.loop.now)
  }

  private func start() {
    running = LimitedScript(
      Program(check.script), limit: check.timeout, in: environment.runner, on: environment.loop,
      overdue: { [log = environment.log] process in
        log.info("Child (PID \(process)) failed to terminate after kill")
      },
      ended: { [self] end in
        running = nil
        if !isAwaited { return }
        isAwaited = false
        ended(result(of: end))
      })
  }

  func cancel() {
    if isAwaited { running?.terminate() }
    isAwaited = false
    if let timer { environment.loop.discard(timer) }
    timer = nil
  }

  func timerFired(token: Int, at now: Instant) {
    cancel()
    ended(.postponed(reason: "Misc script \(name) could not be started. Rescheduling."))
  }

  private func result(of end: LimitedScript.End) -> CheckResult {
    switch end {
    case .exited(let status): .script(.exited(UInt8(truncatingIfNeeded: status)))
    case .signalled(let signal): .script(.signalled(signal))
    case .timedOut: .script(.timedOut)
    case .notStarted(let error):
      .postponed(reason: "Misc script \(name) could not be executed (\(error)). Rescheduling.")
    }
  }
}
