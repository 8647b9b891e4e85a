package import Configuration
package import EventLoop
package import Logging
package import Notification

/// What the attempts of all checkers share.
package final class CheckEnvironment {
  package let exchanges: ExchangeEnvironment
  package let runner: ScriptRunner

  package init(loop: EventLoop, log: Log, runner: ScriptRunner) {
    exchanges = ExchangeEnvironment(loop: loop, log: log)
    self.runner = runner
  }

  package var loop: EventLoop { exchanges.loop }
  package var log: Log { exchanges.log }

  /// Gets ready for SSL_GET; false after a failure, which is logged.
  package func loadTLS(_ settings: TLSClientSettings?) -> Bool {
    exchanges.loadTLS(
      TLSIdentity(
        password: settings?.password, ca: settings?.ca, certificate: settings?.certificate,
        key: settings?.key))
  }
}
