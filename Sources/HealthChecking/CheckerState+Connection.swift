import Configuration
import Primitives

/// TCP_CHECK, UDP_CHECK and PING_CHECK: retries, then the verdict; one success is enough.
extension CheckerState {
  /// How such a check words what it has found.
  struct ConnectionWords {
    /// What is connected by, as in `TCP connection`.
    var transport: String
    /// What has failed, in front of ` on service`.
    var name: String
    /// Whether the virtual server is named if there were retries; `failed` is behind it.
    var namesService = false
    /// Whether an attempt says but the end of the line.
    var isDetailShort = false

    static let tcp = ConnectionWords(transport: "TCP", name: "TCP_CHECK", isDetailShort: true)
    static let udp = ConnectionWords(transport: "UDP", name: "UDP_CHECK")
    static let ping = ConnectionWords(transport: "ICMP", name: "ICMP CHECK", namesService: true)
  }

  mutating func judgeConnection(_ result: CheckResult, _ words: ConnectionWords) -> Judgement {
    if result.isPassed {
      failures = 0
      if isUp && hasRun { return Judgement(delay: definition.delayLoop) }
      return Judgement(
        verdict: true, delay: definition.delayLoop,
        traces: [.check("\(words.transport) connection to \(serverName) success.")])
    }
    guard isUpOrUnknown else { return Judgement(delay: definition.delayLoop) }
    var traces: [CheckTrace] = []
    if logsAll { traces.append(.check(failure(result.detail, words))) }
    if failures < UInt64(definition.retry) {
      failures += 1
      return Judgement(delay: definition.delayBeforeRetry, traces: traces)
    }
    traces.append(.check(finalFailure(words)))
    failures = 0
    return Judgement(verdict: false, delay: definition.delayLoop, traces: traces)
  }

  private func failure(_ detail: String, _ words: ConnectionWords) -> String {
    if !words.isDetailShort { return detail }
    return "\(words.transport) connection to \(serverName) \(detail)."
  }

  private func finalFailure(_ words: ConnectionWords) -> String {
    let isAtOnce = definition.retry == 0 || !hasRun
    let retries = isAtOnce ? "" : " after \(definition.retry) retries"
    let service = words.namesService && !isAtOnce ? " of \(serviceName)" : ""
    return "\(words.name) on service \(serverName)\(service) failed\(retries)."
  }
}
