import Configuration
import Primitives

/// TCP_CHECK, UDP_CHECK and PING_CHECK: retries, then the verdict; one success is enough.
extension CheckerState {
  private struct Words {
    var success: String
    var failure: String
  }

  private var words: Words {
    switch definition.kind {
    case .udp:
      Words(
        success: "UDP connection to \(serverName) success.",
        failure: "UDP_CHECK on service \(serverName) failed")
    case .ping:
      Words(
        success: "ICMP connection to \(serverName) success.",
        failure: "ICMP CHECK on service \(serverName)")
    default:
      Words(
        success: "TCP connection to \(serverName) success.",
        failure: "TCP_CHECK on service \(serverName) failed")
    }
  }

  mutating func judgeConnection(_ result: CheckResult) -> Judgement {
    if result.isPassed {
      failures = 0
      if isUp && hasRun { return Judgement(delay: definition.delayLoop) }
      return Judgement(
        verdict: true, delay: definition.delayLoop, traces: [.check(words.success)])
    }
    guard isUpOrUnknown else { return Judgement(delay: definition.delayLoop) }
    var traces: [CheckTrace] = []
    if logsAll { traces.append(.check(failureDetail(result.detail))) }
    if failures < UInt64(definition.retry) {
      failures += 1
      return Judgement(delay: definition.delayBeforeRetry, traces: traces)
    }
    traces.append(.check(finalFailure))
    failures = 0
    return Judgement(verdict: false, delay: definition.delayLoop, traces: traces)
  }

  /// What others than TCP_CHECK say is a whole line.
  private func failureDetail(_ detail: String) -> String {
    if case .tcp = definition.kind { return "TCP connection to \(serverName) \(detail)." }
    return detail
  }

  private var finalFailure: String {
    let isAtOnce = definition.retry == 0 || !hasRun
    let retries = isAtOnce ? "" : " after \(definition.retry) retries"
    if case .ping = definition.kind {
      let service = isAtOnce ? "" : " of \(serviceName)"
      return "\(words.failure)\(service) failed\(retries)."
    }
    return "\(words.failure)\(retries)."
  }
}
