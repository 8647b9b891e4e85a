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
  private let script: Script
  private let environment: CheckEnvironment
  private let ended: (CheckResult) -> Void
  private var running: LimitedScript?
  private let faults = StartFaults()
  /// Whether somebody waits for the end of the script.
  private var isAwaited = false
  /// For the result of an attempt that could not be made.
  private var timer: EventLoop.Timer?

  init(
    _ check: MiscCheck, _ script: Script, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    self.check = check
    self.script = script
    self.environment = environment
    self.ended = ended
  }

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
      Program(script), limit: check.timeout, in: environment.runner, on: environment.loop,
      faults: faults,
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
    ended(.postponed(reason: "Misc script \(check.program) could not be started. Rescheduling."))
  }

  private func result(of end: LimitedScript.End) -> CheckResult {
    switch end {
    case .exited(let status): .script(verdict(of: UInt8(truncatingIfNeeded: status)))
    case .signalled(let signal): .script(.signalled(signal))
    case .timedOut: .script(.timedOut)
    case .notStarted(let error) where error.isShortage || error == .textBusy:
      .postponed(
        reason: "Misc script \(check.program) could not be executed (\(error)). Rescheduling.")
    case .notStarted(let error): .script(.notRun(reason: "\(error)"))
    }
  }

  /// What the shell says of a script that it cannot read, or of a file that it cannot open, is no
  /// weight.
  private func verdict(of status: UInt8) -> CheckResult.ScriptVerdict {
    switch script.form {
    case .program: .exited(status)
    case .shell:
      (try? FileSystem.status(script.path)) == nil
        ? .notRun(reason: "\(Errno.noEntry)") : .exited(status)
    case .fileTest: .exited(min(status, 1))
    }
  }
}
