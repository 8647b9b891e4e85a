import ConfigurationSyntax
import Primitives

extension RealServerDraft {
  /// The real server with what it inherits. `portOfChecks` is checked if it has no port itself.
  func completed(_ virtual: VirtualServerDraft, portOfChecks: UInt16) -> RealServer {
    var server = server
    server.weight = weight ?? virtual.weight
    server.forwarding = forwarding.forwarding ?? server.forwarding
    server.inhibitsOnFailure = inhibitsOnFailure ?? virtual.inhibitsOnFailure
    server.smtpAlert = smtpAlert ?? reading.checkerAlert ?? true
    if checkers.isEmpty, let lost = leftOut.first {
      reading.report(
        .hint,
        "real server \(server.name(virtual.server.transport)) of virtual server \(virtual.name)"
          + " is served unchecked: its \(lost) was left out")
    }
    let settings = settings.inheriting(virtual.settings)
    let virtualHost = server.virtualHost ?? virtual.server.virtualHost
    server.checkers = checkers.map { entry in
      var checker = entry.completed(settings, delayLoop: virtual.server.delayLoop)
      checker.logsAllFailures = entry.logsAllFailures || reading.global.mail.checkerLogAllFailures
      checker.complete(
        port: portOfChecks, timeout: settings.connectTimeout ?? .seconds(5),
        virtualHost: virtualHost, delayLoop: virtual.server.delayLoop)
      return checker
    }
    return server
  }
}

extension CheckerEntry {
  /// The checker with its own settings, those of its server, or the defaults of its kind.
  fileprivate func completed(_ outer: CheckSettings, delayLoop: Microseconds) -> Checker {
    let settings = settings.inheriting(outer)
    let traits = kind.traits
    var checker = Checker(kind)
    checker.delayLoop = settings.delayLoop ?? delayLoop
    checker.retry = settings.retry ?? traits.standardRetry
    checker.delayBeforeRetry =
      settings.delayBeforeRetry ?? traits.standardDelayBeforeRetry ?? checker.delayLoop
    checker.warmup = settings.warmup ?? checker.delayLoop
    checker.isAlpha = traits.canBeAlpha && settings.isAlpha ?? false
    return checker
  }
}

extension Checker {
  /// Fills in what only the servers know.
  fileprivate mutating func complete(
    port: UInt16, timeout: Microseconds, virtualHost: String?, delayLoop: Microseconds
  ) {
    func completed(_ connection: CheckConnection) -> CheckConnection {
      var connection = connection
      if connection.port == 0 { connection.port = port }
      if connection.timeout == .zero { connection.timeout = timeout }
      return connection
    }
    switch kind {
    case .tcp(let connection): kind = .tcp(completed(connection))
    case .smtp(let connection, let name): kind = .smtp(completed(connection), heloName: name)
    case .dns(let connection, let question): kind = .dns(completed(connection), question)
    case .ping(let connection): kind = .ping(completed(connection))
    case .udp(var check):
      check.connection = completed(check.connection)
      kind = .udp(check)
    case .http(var check):
      check.connection = completed(check.connection)
      check.virtualHost = check.virtualHost ?? virtualHost
      kind = .http(check)
    case .misc(var check):
      if check.timeout == .zero { check.timeout = delayLoop }
      kind = .misc(check)
    case .bfd, .file: break
    }
  }
}
