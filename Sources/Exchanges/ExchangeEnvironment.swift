package import EventLoop
package import Logging
package import SystemIO

/// What all exchanges of a process share.
package final class ExchangeEnvironment {
  package let loop: EventLoop
  package let log: Log
  /// A datagram of any size, or as much of a stream.
  package let buffer = ReceiveBuffer(capacity: 65536 + 1)
  /// For identifiers that nobody can guess.
  package var random = KernelRandom()
  /// PCRE2 is not on this machine.
  package private(set) var lacksExpressions = false
  /// Nil: cannot be used.
  private var expressions: [ExpressionKey: RegularExpression?] = [:]
  package private(set) var tls: TLSContext?

  package init(loop: EventLoop, log: Log) {
    self.loop = loop
    self.log = log
  }

  /// The compiled form of a regular expression, the same for equal ones; nil if it is wrong, which
  /// is logged once, or without PCRE2. `options`: PCRE2's names.
  package func expression(_ pattern: [UInt8], options: Set<String>) -> RegularExpression? {
    let key = ExpressionKey(pattern: pattern, options: options)
    if let known = expressions[key] { return known }
    var expression: RegularExpression?
    do throws(RegularExpression.Fault) {
      expression = try RegularExpression(pattern, options: options)
    } catch {
      let text = String(decoding: pattern, as: UTF8.self)
      switch error {
      case .noLibrary: lacksExpressions = true
      case .invalid(let offset, let reason):
        log.info("Invalid regex: '\(text)' at offset \(offset): \(reason)")
      }
    }
    expressions[key] = .some(expression)
    return expression
  }

  private struct ExpressionKey: Hashable {
    var pattern: [UInt8]
    var options: Set<String>
  }
}

/// How a client makes itself known in TLS, and whom it trusts: paths of files.
package struct TLSIdentity {
  package var password: String?
  package var ca: String?
  package var certificate: String?
  package var key: String?

  package init(
    password: String? = nil, ca: String? = nil, certificate: String? = nil, key: String? = nil
  ) {
    self.password = password
    self.ca = ca
    self.certificate = certificate
    self.key = key
  }
}

extension ExchangeEnvironment {
  /// Gets ready for TLS; false after a failure, which is logged.
  package func loadTLS(_ identity: TLSIdentity) -> Bool {
    do throws(TLSContext.Fault) {
      tls = try TLSContext(
        password: identity.password, ca: identity.ca, certificate: identity.certificate,
        key: identity.key)
      return true
    } catch {
      tell(error, identity)
      return false
    }
  }

  private func tell(_ fault: TLSContext.Fault, _ identity: TLSIdentity) {
    switch fault {
    case .noLibrary: log.info("SSL error : OpenSSL (libssl.so.3) is not on this machine")
    case .noContext: log.info("SSL error : Cant create a context")
    case .badCertificate: log.info("SSL error : Cant load certificate file...")
    case .badKey: log.info("SSL error : Cant load key file...")
    case .badCA: log.info("SSL error : Cant load CA file...")
    }
    log.info("Error Initialize SSL, ctx Instance")
    log.info("  SSL  keyfile:\(identity.key ?? "")")
    // The reference prints the password, too.
    log.info("  SSL   cafile:\(identity.ca ?? "")")
  }
}
