import Configuration
import EventLoop
import HealthChecking
import Logging
import Notification
import Primitives
import SystemIO
import SystemTestSupport

@testable import CheckerProcess

/// A loop with checkers in it, and what they found.
final class Bench {
  let directory: ScratchDirectory
  let loop: EventLoop
  let log: Log
  let environment: CheckEnvironment
  private(set) var results: [CheckResult] = []
  private var made: [any CheckAttempts] = []

  init() throws {
    directory = try ScratchDirectory()
    loop = try EventLoop()
    log = directory.log()
    environment = CheckEnvironment(
      loop: loop, log: log,
      runner: ScriptRunner(loop: loop, log: log, limits: OriginalLimits()))
  }

  static func names(_ port: UInt16) -> CheckNames {
    CheckNames(
      target: "[127.0.0.1]:\(port)", realServer: "[127.0.0.1]:tcp:\(port)",
      virtualServer: "[10.0.0.1]:tcp:80")
  }

  func attempts(_ kind: Checker.Kind, port: UInt16 = 0, names: CheckNames? = nil)
    -> (any CheckAttempts)?
  {
    let attempts = environment.attempts(of: Checker(kind), names: names ?? Self.names(port)) {
      [unowned self] result in
      results.append(result)
      loop.stop()
    }
    if let attempts { made.append(attempts) }
    return attempts
  }

  func connection(_ port: UInt16, timeout: Microseconds = .seconds(5)) -> CheckConnection {
    var connection = CheckConnection(address: ScriptedServer.address, port: port)
    connection.timeout = timeout
    return connection
  }

  /// One attempt; nil if it does not end.
  func result(_ attempts: (any CheckAttempts)?, url: Int = 0) throws -> CheckResult? {
    let before = results.count
    attempts?.begin(url: url)
    if results.count > before { return nil }
    try run(.seconds(20))
    return results.count == before + 1 ? results.last : nil
  }

  func run(_ time: Microseconds) throws {
    let limit = loop.after(time) { [unowned self] in loop.stop() }
    try loop.run()
    limit.cancel()
  }
}
