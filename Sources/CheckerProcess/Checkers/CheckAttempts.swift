import Configuration
import Exchanges
import HealthChecking
import SystemIO

/// The attempts of one checker, one at a time.
///
/// `ended`, given when this was made, is called once for each attempt that is not cancelled,
/// and never before `begin` has returned. While an attempt is in flight this must be held.
protocol CheckAttempts: AnyObject {
  /// Begins an attempt; one that is in flight is cancelled. `url`: its number, of HTTP_GET and
  /// SSL_GET.
  func begin(url: Int)
  /// Ends the attempt without a result; harmless without one.
  func cancel()
}

/// The names that a check goes by in the log and on the wire.
struct CheckNames: Hashable, Sendable {
  /// `[ADDR]:PORT` of what is connected to.
  var target: String
  var realServer: String
  var virtualServer: String
  var realServerVirtualHost: String?
  var virtualServerVirtualHost: String?

  init(
    target: String, realServer: String, virtualServer: String,
    realServerVirtualHost: String? = nil, virtualServerVirtualHost: String? = nil
  ) {
    self.target = target
    self.realServer = realServer
    self.virtualServer = virtualServer
    self.realServerVirtualHost = realServerVirtualHost
    self.virtualServerVirtualHost = virtualServerVirtualHost
  }
}

extension CheckEnvironment {
  /// The attempts of a checker; nil for one that makes no attempts, as it waits to be told.
  ///
  /// Details of results are the text of the log: of TCP_CHECK `timeout` in `TCP connection to R
  /// timeout.`, of HTTP_GET what stands before ` server R.`, of SMTP_CHECK what follows
  /// `SMTP_CHECK `, of DNS_CHECK what follows `DNS_CHECK (R) `, of others the whole line. The
  /// reason of a postponed attempt is a whole line.
  func attempts(
    of checker: Checker, names: CheckNames, ended: @escaping (CheckResult) -> Void
  ) -> (any CheckAttempts)? {
    checker.kind.row.makeAttempts?(names, self, ended)
  }
}

extension Exchange<CheckResult> {
  /// What something that is short here leads to; nil: the server cannot be reached.
  func result(of fault: ClientSocket.Fault, _ names: LocalFaultNames) -> CheckResult? {
    shortage(fault, names).map { .postponed(reason: $0) }
  }
}

extension ClientSocket {
  init(_ kind: Kind, _ connection: CheckConnection) {
    self.init(
      kind, to: connection.address, port: connection.port,
      from: connection.bindAddress.map { ($0, connection.bindPort) },
      device: connection.bindInterface ?? "", mark: connection.mark)
  }
}
