import Configuration
import Primitives

/// DNS_CHECK.
extension CheckerState {
  mutating func judgeDNS(_ result: CheckResult) -> Judgement {
    if result.isPassed {
      failures = 0
      // What the reference does not log either: `Adding service` follows.
      return Judgement(verdict: isUp && hasRun ? nil : true, delay: definition.delayLoop)
    }
    guard isUpOrUnknown else { return Judgement(delay: definition.delayLoop) }
    let isFinal = failures >= UInt64(definition.retry)
    let retries = isFinal && hasRun ? " after \(definition.retry) retries" : ""
    var judgement = Judgement(delay: definition.delayBeforeRetry)
    if isFinal || logsAll {
      judgement.traces.append(.check("DNS_CHECK (\(serverName)) \(result.detail)\(retries)"))
    }
    if isFinal {
      failures = 0
      judgement.verdict = false
      judgement.delay = definition.delayLoop
    } else {
      failures += 1
    }
    return judgement
  }
}
