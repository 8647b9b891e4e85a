import Configuration
import Exchanges
import HealthChecking
import Logging
import Primitives
import SystemIO
import Wire

/// HTTP_GET and SSL_GET: whether the answer to a request is the wanted one.
final class HTTPAttempts: CheckAttempts {
  private let check: HTTPCheck
  private let names: CheckNames
  private let environment: ExchangeEnvironment
  private let ended: (CheckResult) -> Void
  private let plans: [HTTPExchange.Plan]
  private lazy var exchange = HTTPExchange(in: environment) { [unowned self] outcome in
    ended(result(of: outcome))
  }
  private var url = 0
  /// The last difference between the announced and the received length that was logged, by url.
  private var loggedLengths: [Int: LengthMismatch] = [:]
  /// The errors of TLS that were logged, by url.
  private var loggedFaults: [Int: Set<UInt64>] = [:]
  /// What this machine lacked in the last attempt.
  private var loggedLack: HTTPFailure?

  private struct LengthMismatch: Hashable {
    var announced: UInt64
    var received: UInt64
  }

  init(
    _ check: HTTPCheck, _ names: CheckNames, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    self.check = check
    self.names = names
    self.environment = environment.exchanges
    self.ended = ended
    let target = ClientSocket(.stream, check.connection)
    plans = check.urls.map { url in
      let host =
        url.virtualHost ?? check.virtualHost ?? names.realServerVirtualHost
        ?? names.virtualServerVirtualHost
        ?? HTTPRequest.host(check.connection.address, port: check.connection.port)
      var plan = HTTPExchange.Plan(
        target: target,
        request: HTTPRequest(
          path: url.path, host: host, version: HTTPRequest.Version(check.version)),
        timeout: check.connection.timeout)
      plan.wantsDigest = url.digest != nil
      // One that is wrong never matches.
      plan.regex = url.regex.flatMap { regex in
        environment.exchanges.expression(regex.pattern, options: regex.options).map {
          RegexSearch($0, minOffset: regex.minOffset, maxOffset: regex.maxOffset ?? .max)
        }
      }
      return plan
    }
  }

  func begin(url: Int) {
    guard plans.indices.contains(url) else { return }
    self.url = url
    var plan = plans[url]
    if check.isTLS {
      plan.tls = tls
      if plan.tls == nil { return exchange.refuse(.noTLS) }
    }
    if check.urls[url].regex != nil && environment.lacksExpressions {
      return exchange.refuse(.noExpressions)
    }
    exchange.begin(plan)
  }

  func cancel() { exchange.cancel() }

  private var tls: HTTPExchange.TLS? {
    guard let context = environment.tls else { return nil }
    var tls = HTTPExchange.TLS(context)
    if check.enablesSNI {
      // What is inherited is in the checker's own already.
      tls.serverName =
        check.sniName ?? check.urls[url].virtualHost ?? check.virtualHost
        ?? names.virtualServerVirtualHost
    }
    tls.isCompliant = check.isTLSCompliant || check.urls[url].isTLSCompliant
    return tls
  }

  private func result(of outcome: HTTPExchange.Outcome) -> CheckResult {
    switch outcome {
    case .answered(let answer):
      if let fault = answer.fault { tell(fault) }
      return judge(answer)
    case .failed(let failure):
      tell(failure)
      return .failed(detail: failure.rawValue)
    case .postponed(let reason): return .postponed(reason: reason)
    }
  }

  private func judge(_ answer: HTTPAnswer) -> CheckResult {
    let wanted = check.urls[url]
    guard let head = answer.head else {
      // The blank at the end is the reference's.
      return .failed(detail: "Read, no data received from ")
    }
    if !wanted.statusCodes.contains(head.statusCode) {
      return .failed(detail: "HTTP status code error to")
    }
    if let announced = head.contentLength, announced != answer.received {
      tell(LengthMismatch(announced: announced, received: answer.received), wanted)
    }
    var proof = "HTTP status code"
    if let digest = wanted.digest {
      if digest != answer.digest { return .failed(detail: "MD5 digest error to") }
      proof = "MD5 digest"
    }
    if let regex = wanted.regex {
      if answer.isRegexDiscarded {
        environment.log.info("Regex partial match preserve too large - discarding")
      }
      // What was given up might have been the match that is not to be.
      let isUnknown = !answer.isRegexMatched && answer.isRegexGivenUp
      if answer.isRegexMatched == regex.isNegated || isUnknown {
        return .failed(detail: "Regex match failed")
      }
      proof = "Regex match"
    }
    return .passed(proof: "\(proof) success to")
  }

  private func tell(_ fault: TLSFault) {
    if !loggedFaults[url, default: []].insert(fault.code).inserted { return }
    environment.log.info(
      "SSL error '\(fault.text)' at \(fault.file):\(fault.line) (\(fault.function))"
        + " data '\(fault.data)' flags 0x\(String(fault.flags, radix: 16))")
  }

  /// What will not be otherwise is said at once, and once.
  private func tell(_ failure: HTTPFailure) {
    if failure.isLacking && loggedLack != failure {
      environment.log.info("\(failure.rawValue) server \(names.realServer)")
    }
    loggedLack = failure.isLacking ? failure : nil
  }

  private func tell(_ mismatch: LengthMismatch, _ url: HTTPCheck.URL) {
    if loggedLengths.updateValue(mismatch, forKey: self.url) == mismatch { return }
    environment.log.info(
      "http_check for RS \(names.realServer) VS \(names.virtualServer) url"
        + " \(url.virtualHost ?? "")\(url.path): content_length (\(mismatch.announced)) does not"
        + " match received bytes (\(mismatch.received))")
  }
}

extension HTTPRequest.Version {
  fileprivate init(_ version: HTTPCheck.Version) {
    self =
      switch version {
      case .http10: .http10
      case .http10Close: .http10Close
      case .http11: .http11
      }
  }
}
