import Configuration
import Primitives

/// SMTP_CHECK: each round has all its retries, also while the server is down.
extension CheckerState {
  mutating func judgeSMTP(_ result: CheckResult) -> Judgement {
    if result.isPassed {
      failures = 0
      if isUp && hasRun { return Judgement(delay: definition.delayLoop) }
      return Judgement(
        verdict: true, delay: definition.delayLoop,
        traces: [.check("Remote SMTP server \(serverName) succeed on service.")])
    }
    var judgement = Judgement(delay: definition.delayBeforeRetry)
    let isFinal = failures >= UInt64(definition.retry)
    if isUpOrUnknown && (logsAll || isFinal) {
      judgement.traces.append(.check("SMTP_CHECK \(result.detail)"))
    }
    guard isFinal else {
      failures += 1
      return judgement
    }
    failures = 0
    judgement.delay = definition.delayLoop
    if isUpOrUnknown { judgement.verdict = false }
    return judgement
  }
}
