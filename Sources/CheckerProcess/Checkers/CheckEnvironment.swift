import Configuration
import EventLoop
import Exchanges
import Logging
import Notification

/// What the attempts of all checkers share.
final class CheckEnvironment {
  let exchanges: ExchangeEnvironment
  let runner: ScriptRunner

  init(loop: EventLoop, log: Log, runner: ScriptRunner) {
    exchanges = ExchangeEnvironment(loop: loop, log: log)
    self.runner = runner
  }

  var loop: EventLoop { exchanges.loop }
  var log: Log { exchanges.log }

  /// Gets ready for SSL_GET; false after a failure, which is logged.
  func loadTLS(_ settings: TLSClientSettings?) -> Bool {
    exchanges.loadTLS(
      TLSIdentity(
        password: settings?.password, ca: settings?.ca, certificate: settings?.certificate,
        key: settings?.key))
  }
}
