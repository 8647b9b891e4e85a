import Configuration
import EventLoop
import Exchanges
import HealthChecking
import Logging
import Primitives
import SystemIO
import Wire

/// PING_CHECK: whether an echo request is answered. The socket, and the count of requests on it,
/// last as long as that is so.
final class PingAttempts: CheckAttempts, ExchangeDelegate {
  private let exchange: Exchange<CheckResult>
  private let target: ClientSocket
  private let family: AddressFamily
  private let timeout: Microseconds
  private let names: CheckNames
  private var idle: FileDescriptor?
  private var sequence: UInt16 = 0

  private static let receiveBuffer: Int32 = 131_072
  /// More than the buffer holds.
  private static let discardedAtOnce = 1000
  private static let data = Array(
    String(repeating: "keepalived check - ", count: 7).utf8.prefix(128))

  init(
    _ connection: CheckConnection, _ names: CheckNames, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    var connection = connection
    // Compatibility: ports mean nothing here, and the mark is not set.
    connection.port = 0
    connection.bindPort = 0
    connection.mark = 0
    target = ClientSocket(.echo, connection)
    family = connection.address.family
    timeout = connection.timeout
    self.names = names
    exchange = Exchange(in: environment.exchanges, ended: ended)
  }

  private var protocolName: String { family == .ipv4 ? "ICMP" : "ICMPv6" }

  func begin(url: Int) { exchange.begin(self) { start() } }
  func cancel() { exchange.cancel() }

  private func start() {
    do throws(ClientSocket.Fault) {
      try resume()
    } catch {
      let names = LocalFaultNames(
        noSocket: "\(protocolName) connect fail to create socket. Rescheduling.",
        notBound: "\(protocolName) socket bind failed. Rescheduling.")
      return exchange.finish(exchange.result(of: error, names) ?? failure)
    }
    exchange.limit(timeout)
    sequence &+= 1
    let type =
      family == .ipv4 ? EchoMessage.Kind.icmpRequest : EchoMessage.Kind.icmpv6Request
    do throws(Errno) {
      _ = try exchange.socket?.send(EchoMessage(type: type, sequence: sequence).encoded(Self.data))
    } catch {
      let number = family == .ipv4 ? "" : " - errno \(error.rawValue)"
      exchange.log.info("send \(protocolName) packet fail\(number)")
      exchange.finish(failure)
    }
  }

  /// Takes the socket of the last attempt, or a new one.
  private func resume() throws(ClientSocket.Fault) {
    if idle == nil {
      idle = try exchange.open(target)
      idle?.setReceiveBuffer(Self.receiveBuffer)
      sequence = 0
    }
    guard let descriptor = idle.take() else { return }
    var discarded = 0
    while discarded < Self.discardedAtOnce, descriptor.discardDatagram() { discarded += 1 }
    if discarded > 0 { exchange.log.info("unexpected ping check receive packet") }
    do throws(Errno) { try exchange.wait(on: descriptor, for: .readable) } catch {
      throw .socket(error)
    }
  }

  private var failure: CheckResult {
    .failed(detail: "ICMP connection to \(names.realServer) of \(names.virtualServer) failed.")
  }

  func deadlinePassed() {
    exchange.finish(.failed(detail: "ICMP connection to address \(names.realServer) timeout."))
  }

  func becameReady(_ readiness: Readiness) {
    let count: Int
    do throws(Errno) {
      count = try exchange.buffer.receive(from: exchange.socketNumber)
    } catch {
      if error != .again { exchange.finish(failure) }
      return
    }
    let message = exchange.buffer.withOctets(count) { try? EchoMessage(decoding: $0) }
    if let complaint = complaint(about: message, length: count) {
      exchange.log.info(complaint)
      exchange.finish(failure)
    } else {
      idle = exchange.takeSocket()
      exchange.finish(.passed(proof: nil))
    }
  }

  private func complaint(about message: EchoMessage?, length: Int) -> String? {
    guard let message else { return "Error, got short ICMP packet, \(length) bytes" }
    let reply = family == .ipv4 ? EchoMessage.Kind.icmpReply : EchoMessage.Kind.icmpv6Reply
    if message.type != reply {
      return "Got ICMP packet with type 0x\(String(message.type, radix: 16))"
    }
    if message.sequence != sequence {
      return "Ping reply expected seq no \(sequence), received \(message.sequence)"
    }
    return nil
  }
}
