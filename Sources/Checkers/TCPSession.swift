import Configuration
import HealthChecking
import Primitives
import SystemIO

/// TCP_CHECK: whether a connection can be made.
final class TCPSession: Exchange, CheckSession {
  private let target: ClientSocket
  private let timeout: Microseconds

  init(
    _ connection: CheckConnection, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    target = ClientSocket(.stream, connection)
    timeout = connection.timeout
    super.init(in: environment, ended: ended)
  }

  func begin(url: Int) { begin { start() } }

  private func start() {
    do throws(ClientSocket.Fault) {
      try connect(target, timeout)
    } catch {
      finish(result(of: error, .tcp) ?? .failed(detail: "failed"))
    }
  }

  override func becameReady(_ readiness: Readiness) {
    switch connectionError(readiness) {
    case nil: finish(.passed(proof: nil))
    case .timedOut: finish(.failed(detail: "timeout"))
    default: finish(.failed(detail: "failed"))
    }
  }

  override func deadlinePassed() { finish(.failed(detail: "timeout")) }
}
