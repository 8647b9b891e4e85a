import Configuration
import Primitives

/// HTTP_GET and SSL_GET: one url a cycle; the server is up when all have passed in a row.
extension CheckerState {
  mutating func judgeHTTP(_ result: CheckResult, _ check: HTTPCheck) -> Judgement {
    if case .passed(let proof) = result { return passedHTTP(proof, check) }
    return failedHTTP(result.detail, check)
  }

  private mutating func passedHTTP(_ proof: String?, _ check: HTTPCheck) -> Judgement {
    failures = hasRun ? 0 : UInt64(definition.retry)
    var judgement = Judgement(delay: definition.delayLoop)
    if !isUp, let proof, check.urls.indices.contains(http.url) {
      let path = check.urls[http.url].path
      judgement.traces.append(.check("\(proof) \(serverName) url(\(path))"))
    }
    if http.failedURL != nil {
      http = HTTPProgress()
      if check.hasFastRecovery { judgement.delay = .zero }
      return judgement
    }
    if http.url + 1 < check.urls.count {
      http.url += 1
      judgement.endsRun = false
      if check.hasFastRecovery && !(isUp && hasRun) { judgement.delay = .zero }
      return judgement
    }
    http.url = 0
    if !isUp || !hasRun {
      judgement.traces.append(.check("Remote Web server \(serverName) succeed on service."))
      judgement.verdict = true
    }
    return judgement
  }

  private mutating func failedHTTP(_ detail: String, _ check: HTTPCheck) -> Judgement {
    let slow = max(definition.delayBeforeRetry, definition.delayLoop)
    if http.failedURL != nil { return Judgement(delay: slow) }
    var judgement = Judgement(delay: definition.delayBeforeRetry)
    if logsAll && isUpOrUnknown {
      judgement.traces.append(.check("\(detail) server \(serverName)."))
    }
    judgement.endsRunFirst = true
    failures += 1
    guard failures > UInt64(definition.retry) else { return judgement }
    if isUp {
      let name = check.isTLS ? "SSL_CHECK" : "HTTP_CHECK"
      let retries = definition.retry == 0 ? "" : " after \(failures - 1) retries"
      judgement.traces.append(.check("\(name) on service \(serverName) failed\(retries)."))
      judgement.verdict = false
    }
    failures = 0
    http.failedURL = http.url
    judgement.delay = slow
    return judgement
  }
}
