import Configuration
import EventLoop
import Exchanges
import HealthChecking
import Primitives
import SystemIO
import Wire

/// DNS_CHECK: whether a server answers a question without an error; what it answers is not looked
/// at.
final class DNSAttempts: CheckAttempts, ExchangeDelegate {
  private let exchange: Exchange<CheckResult>
  private let target: ClientSocket
  private let timeout: Microseconds
  private let names: CheckNames
  private var query: DNSQuery
  private var isSent = false
  /// Datagrams in a row that are no answer, before others get their turn.
  private static let readsAtOnce = 16
  /// What is beyond is not looked at.
  private static let longestAnswer = 512

  init(
    _ connection: CheckConnection, _ question: DNSQuestion, _ names: CheckNames,
    in environment: CheckEnvironment, ended: @escaping (CheckResult) -> Void
  ) {
    target = ClientSocket(.datagram, connection)
    timeout = connection.timeout
    self.names = names
    query = DNSQuery(identifier: 0, type: question.type.rawValue, name: question.name)
    exchange = Exchange(in: environment.exchanges, ended: ended)
  }

  func begin(url: Int) { exchange.begin(self) { start() } }
  func cancel() { exchange.cancel() }

  private func start() {
    isSent = false
    query.identifier = UInt16(truncatingIfNeeded: exchange.environment.random.next())
    do throws(ClientSocket.Fault) { try exchange.connect(target, timeout) } catch {
      let text = "network unreachable for \(names.target)"
      exchange.finish(exchange.result(of: error, .dns(names.realServer)) ?? .failed(detail: text))
    }
  }

  private func fail(_ text: String) { exchange.finish(.failed(detail: text)) }

  func becameReady(_ readiness: Readiness) {
    if isSent { read() } else { send() }
  }

  func deadlinePassed() {
    fail(isSent ? "read timeout from socket" : "write timeout to socket.")
  }

  private func send() {
    // The configuration has refused such a name.
    guard let message = query.encoded else { return fail("name cannot be asked for") }
    do throws(Errno) {
      if try exchange.socket?.send(message) != message.count {
        return fail("failed to write all of the datagram.")
      }
      isSent = true
      try exchange.wait(for: .readable)
    } catch {
      if error != .again { fail("failed to write socket.") }
    }
  }

  private func read() {
    for _ in 0..<Self.readsAtOnce {
      let count: Int
      do throws(Errno) {
        count = try exchange.buffer.receive(from: exchange.socketNumber, limit: Self.longestAnswer)
      } catch {
        if error != .again { fail("failed to read socket; errno \(error.rawValue) (\(error))") }
        return
      }
      let header = exchange.buffer.withOctets(count) { try? DNSHeader(decoding: $0) }
      if let header, header.isResponse, header.identifier == query.identifier {
        return judge(header)
      }
    }
  }

  private func judge(_ header: DNSHeader) {
    if header.responseCode == 0 {
      exchange.finish(.passed(proof: nil))
    } else {
      fail("read error occurred. (rcode = \(header.responseCode))")
    }
  }
}

extension LocalFaultNames {
  fileprivate static func dns(_ realServer: String) -> LocalFaultNames {
    LocalFaultNames(
      noSocket: "DNS_CHECK (\(realServer)) failed to create socket. Rescheduling.",
      notBound: "DNS_CHECK (\(realServer)) UDP socket bind failed. Rescheduling.")
  }
}
