import Configuration
import EventLoop
import Exchanges
import HealthChecking
import Primitives
import SystemIO

/// UDP_CHECK: whether a datagram is answered, or at least not refused.
final class UDPAttempts: CheckAttempts, ExchangeDelegate {
  private let exchange: Exchange<CheckResult>
  private let check: UDPCheck
  private let target: ClientSocket
  private let names: CheckNames
  private var isSent = false

  init(
    _ check: UDPCheck, _ names: CheckNames, in environment: CheckEnvironment,
    ended: @escaping (CheckResult) -> Void
  ) {
    self.check = check
    self.names = names
    target = ClientSocket(.datagram, check.connection)
    exchange = Exchange(in: environment.exchanges, ended: ended)
  }

  func begin(url: Int) { exchange.begin(self) { start() } }
  func cancel() { exchange.cancel() }

  private func start() {
    isSent = false
    do throws(ClientSocket.Fault) {
      try exchange.connect(target, check.connection.timeout)
    } catch {
      return exchange.finish(exchange.result(of: error, .udp) ?? failure)
    }
    exchange.socket?.reportErrors(check.connection.address.family)
  }

  private var failure: CheckResult {
    .failed(detail: "UDP connection to \(names.realServer) failed.")
  }

  func becameReady(_ readiness: Readiness) {
    if !isSent {
      send()
    } else if readiness.contains(.failed), let report = exchange.socket?.nextErrorReport() {
      // Compatibility: any other report counts as an answer.
      exchange.finish(report.isUnreachable ? failure : .passed(proof: nil))
    } else {
      read()
    }
  }

  func deadlinePassed() {
    exchange.finish(check.reply == .any ? .passed(proof: nil) : failure)
  }

  private func send() {
    do throws(Errno) {
      _ = try exchange.socket?.send(check.payload)
      isSent = true
      try exchange.wait(for: .readable)
    } catch {
      if error != .again { exchange.finish(failure) }
    }
  }

  private func read() {
    // One octet more than is allowed is enough to see that it is too long.
    let limit =
      switch check.reply {
      case .matching(let template): Int(template.maxLength) + 1
      case .any, .required: 1
      }
    let count: Int
    do throws(Errno) {
      count = try exchange.buffer.receive(from: exchange.socketNumber, limit: limit)
    } catch {
      if error != .again { exchange.finish(failure) }
      return
    }
    if case .matching(let template) = check.reply,
      !exchange.buffer.withOctets(count, { template.matches($0) })
    {
      exchange.finish(
        .failed(detail: "UDP check to \(names.realServer) reply data mismatch."))
    } else {
      exchange.finish(.passed(proof: nil))
    }
  }
}

extension UDPCheck.Template {
  /// Compatibility: an answer shorter than the template passes if it is as long as it has to be.
  func matches(_ answer: Span<UInt8>) -> Bool {
    if answer.count < Int(minLength) || answer.count > Int(maxLength) { return false }
    for index in 0..<min(answer.count, octets.count, mask.count)
    where (answer[index] ^ octets[index]) & mask[index] != 0 {
      return false
    }
    return true
  }
}

extension LocalFaultNames {
  fileprivate static let udp = LocalFaultNames(
    noSocket: "UDP connect fail to create socket. Rescheduling.",
    notBound: "UDP socket bind failed. Rescheduling.")
}
