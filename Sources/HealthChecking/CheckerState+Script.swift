import Configuration
import Primitives

/// MISC_CHECK: the exit status says whether the server works and, if wanted, how much it can take.
extension CheckerState {
  mutating func judgeScript(
    _ result: CheckResult, _ check: MiscCheck, _ configuredWeight: UInt32
  ) -> Judgement {
    guard case .script(let verdict) = result else {
      return Judgement(delay: definition.delayLoop)
    }
    if case .exited(let status) = verdict, status == 0 || (check.isDynamic && status > 1) {
      return scriptPassed(status, check, configuredWeight)
    }
    return scriptFailed(verdict, check)
  }

  private mutating func scriptPassed(
    _ status: UInt8, _ check: MiscCheck, _ configuredWeight: UInt32
  ) -> Judgement {
    failures = 0
    if check.isDynamic {
      contribution = status == 0 ? 0 : Int64(status) - 2 - Int64(configuredWeight)
    }
    lastStatus = status
    if isUp && hasRun { return Judgement(delay: definition.delayLoop) }
    return Judgement(
      verdict: true, delay: definition.delayLoop, traces: [.check("\(subject(check)) succeeded.")])
  }

  private mutating func scriptFailed(
    _ verdict: CheckResult.ScriptVerdict, _ check: MiscCheck
  ) -> Judgement {
    if case .exited(let status) = verdict { lastStatus = status }
    guard isUpOrUnknown else { return Judgement(delay: definition.delayLoop) }
    let isFinal = failures >= UInt64(definition.retry)
    var judgement = Judgement(delay: definition.delayBeforeRetry)
    if !isFinal { failures += 1 }
    if isFinal || logsAll {
      let line = "\(subject(check)) \(Self.outcome(verdict))\(suffix(isFinal))\(Self.why(verdict))."
      judgement.traces.append(.check(line))
    }
    if isFinal {
      failures = 0
      contribution = 0
      judgement.verdict = false
      judgement.delay = definition.delayLoop
    }
    return judgement
  }

  private func subject(_ check: MiscCheck) -> String {
    "Misc check for [\(serverName) VS \(serviceName)] by [\(check.program)]"
  }

  private static func outcome(_ verdict: CheckResult.ScriptVerdict) -> String {
    verdict == .timedOut ? "timed out" : "failed"
  }

  private static func why(_ verdict: CheckResult.ScriptVerdict) -> String {
    switch verdict {
    case .exited(let status): " (exited with status \(status))"
    case .signalled(let signal): " (due to signal \(signal))"
    case .notRun(let reason): " (not run: \(reason))"
    case .timedOut: ""
    }
  }

  private func suffix(_ isFinal: Bool) -> String {
    let retry = definition.retry
    let plural = retry == 1 ? "retry" : "retries"
    if retry == 0 { return " with retry disabled" }
    if isFinal { return hasRun ? " after \(retry) \(plural)" : "" }
    return failures == 1 ? ", will do \(retry) \(plural)" : " on retry \(failures - 1)/\(retry)"
  }
}
