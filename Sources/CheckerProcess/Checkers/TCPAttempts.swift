import Configuration
import Exchanges
import HealthChecking
import Primitives
import SystemIO

/// TCP_CHECK: whether a connection can be made.
final class TCPAttempts: CheckAttempts, ExchangeDelegate {
  private let exchange: Exchange<CheckResult>
  private let target: ClientSocket
  private let timeout: Microseconds

  init(
    _ connection: CheckConnection, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    target = ClientSocket(.stream, connection)
    timeout = connection.timeout
    exchange = Exchange(in: environment.exchanges, ended: ended)
  }

  func begin(url: Int) { exchange.begin(self) { start() } }
  func cancel() { exchange.cancel() }

  private func start() {
    do throws(ClientSocket.Fault) {
      try exchange.connect(target, timeout)
    } catch {
      exchange.finish(exchange.result(of: error, .tcp) ?? .failed(detail: "failed"))
    }
  }

  func becameReady(_ readiness: Readiness) {
    switch exchange.connectionError(readiness) {
    case nil: exchange.finish(.passed(proof: nil))
    case .timedOut: exchange.finish(.failed(detail: "timeout"))
    default: exchange.finish(.failed(detail: "failed"))
    }
  }

  func deadlinePassed() { exchange.finish(.failed(detail: "timeout")) }
}

extension LocalFaultNames {
  fileprivate static let tcp = LocalFaultNames(
    noSocket: "TCP connect fail to create socket. Rescheduling.",
    notBound: "TCP socket bind failed. Rescheduling.")
}
