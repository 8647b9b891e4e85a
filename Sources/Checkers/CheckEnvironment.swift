package import Configuration
package import EventLoop
package import Logging
package import Notification
package import SystemIO

/// What the sessions of all checkers share.
package final class CheckEnvironment {
  package let loop: EventLoop
  package let log: Log
  package let runner: ScriptRunner
  /// A datagram of any size, or as much of a stream.
  let buffer = ReceiveBuffer(capacity: 65536 + 1)
  var random = KernelRandom()
  var lastConnectError: Errno?
  /// PCRE2 is not on this machine.
  private(set) var lacksExpressions = false
  /// Nil: cannot be used.
  private var expressions: [ExpressionKey: RegularExpression?] = [:]
  package private(set) var tls: TLSContext?

  package init(loop: EventLoop, log: Log, runner: ScriptRunner) {
    self.loop = loop
    self.log = log
    self.runner = runner
  }

  /// Gets ready for SSL_GET; false after a failure, which is logged and has to end the process.
  package func loadTLS(_ settings: TLSClientSettings?) -> Bool {
    do throws(TLSContext.Fault) {
      tls = try TLSContext(
        password: settings?.password, ca: settings?.ca, certificate: settings?.certificate,
        key: settings?.key)
      return true
    } catch {
      tell(error, settings)
      return false
    }
  }

  /// The compiled form of a url's `regex`, the same for equal ones; nil if it is wrong, which is
  /// logged once, or without PCRE2.
  func expression(of regex: HTTPCheck.Regex) -> RegularExpression? {
    let key = ExpressionKey(pattern: regex.pattern, options: regex.options)
    if let known = expressions[key] { return known }
    var expression: RegularExpression?
    do throws(RegularExpression.Fault) {
      expression = try RegularExpression(regex.pattern, options: regex.options)
    } catch {
      let pattern = String(decoding: regex.pattern, as: UTF8.self)
      switch error {
      case .noLibrary: lacksExpressions = true
      case .invalid(let offset, let reason):
        log.info("Invalid regex: '\(pattern)' at offset \(offset): \(reason)")
      }
    }
    expressions[key] = .some(expression)
    return expression
  }

  private struct ExpressionKey: Hashable {
    var pattern: [UInt8]
    var options: Set<String>
  }

  private func tell(_ fault: TLSContext.Fault, _ settings: TLSClientSettings?) {
    switch fault {
    case .noLibrary: log.info("SSL error : OpenSSL (libssl.so.3) is not on this machine")
    case .noContext: log.info("SSL error : Cant create a context")
    case .badCertificate: log.info("SSL error : Cant load certificate file...")
    case .badKey: log.info("SSL error : Cant load key file...")
    case .badCA: log.info("SSL error : Cant load CA file...")
    }
    log.info("Error Initialize SSL, ctx Instance")
    log.info("  SSL  keyfile:\(settings?.key ?? "")")
    // The reference prints the password, too.
    log.info("  SSL   cafile:\(settings?.ca ?? "")")
  }
}
