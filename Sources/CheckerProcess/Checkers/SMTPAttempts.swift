import Configuration
import EventLoop
import Exchanges
import HealthChecking
import Logging
import Primitives
import SystemIO
import Wire

/// SMTP_CHECK: whether a server greets, answers HELO, and says something to QUIT.
final class SMTPAttempts: CheckAttempts, ExchangeDelegate {
  private let exchange: Exchange<CheckResult>
  /// What is awaited; each is followed by the next.
  private enum Phase { case connecting, banner, helo, quit }

  private let target: ClientSocket
  private let address: IPAddress
  private let timeout: Microseconds
  private let names: CheckNames
  private let heloCommand: [UInt8]
  private static let quitCommand = Array("QUIT\r\n".utf8)

  private var phase = Phase.connecting
  /// What has not been sent yet of a command.
  private var unsent: [UInt8] = []
  /// The begin of a line.
  private var kept: [UInt8] = []

  init(
    _ connection: CheckConnection, heloName: String, _ names: CheckNames,
    in environment: CheckEnvironment, ended: @escaping (CheckResult) -> Void
  ) {
    target = ClientSocket(.stream, connection)
    address = connection.address
    timeout = connection.timeout
    self.names = names
    heloCommand = Array("HELO \(heloName)\r\n".utf8)
    exchange = Exchange(in: environment.exchanges, ended: ended)
  }

  func begin(url: Int) { exchange.begin(self) { start() } }
  func cancel() { exchange.cancel() }

  private func start() {
    phase = .connecting
    do throws(ClientSocket.Fault) { try exchange.connect(target, timeout) } catch {
      let text = "Network unreachable for server \(address) - real server \(names.target)"
      exchange.finish(exchange.result(of: error, .smtp) ?? .failed(detail: text))
    }
  }

  func cleanUp() {
    unsent = []
    kept = []
  }

  /// `text` names the server at its end.
  private func fail(_ text: String) {
    exchange.finish(.failed(detail: "\(text) server \(names.target)"))
  }

  func becameReady(_ readiness: Readiness) {
    if phase == .connecting {
      connected(exchange.connectionError(readiness))
    } else if unsent.isEmpty {
      read()
    } else {
      write()
    }
  }

  func deadlinePassed() {
    if phase == .connecting {
      fail("Connection timeout to")
    } else {
      fail(unsent.isEmpty ? "Read timeout from" : "Write timeout to")
    }
  }

  private func connected(_ error: Errno?) {
    switch error {
    case nil: proceed(to: .banner)
    case .timedOut: fail("Connection timeout to")
    default: fail("Could not connect to")
    }
  }

  /// Waits for a line of the server, behind what is to be sent first.
  private func proceed(to next: Phase, sending command: [UInt8] = []) {
    phase = next
    kept = []
    unsent = command
    exchange.limit(timeout)
    write()
  }

  private func write() {
    do throws(Errno) {
      if !unsent.isEmpty { unsent.removeFirst(try exchange.socket?.send(unsent) ?? 0) }
      try exchange.wait(for: unsent.isEmpty ? .readable : .writable)
      if unsent.isEmpty { exchange.limit(timeout) }
    } catch {
      if error != .again { return fail("Write failure to") }
      do throws(Errno) { try exchange.wait(for: .writable) } catch { fail("Write failure to") }
    }
  }

  private func read() {
    let count: Int
    do throws(Errno) {
      exchange.buffer.store(kept)
      count = try exchange.buffer.receive(
        from: exchange.socketNumber, at: kept.count, limit: SMTPReply.longest - kept.count)
    } catch {
      if error != .again { fail("Read failure from") }
      return
    }
    if count == 0 { return fail("Read failure from") }
    let total = kept.count + count
    let reply = exchange.buffer.withOctets(total) { SMTPReply(decoding: $0) }
    if let reply { return judge(reply) }
    if total < SMTPReply.longest {
      kept = exchange.buffer.copy(total)
    } else {
      // The time for the line goes on: one that never ends is not read for ever.
      exchange.log.info(
        "SMTP_CHECK server \(names.target) sent a line that is too long - discarding")
      kept = []
    }
  }

  private func judge(_ reply: SMTPReply) {
    switch phase {
    case .connecting: break
    case .banner:
      if reply.code != 220 { return fail("Bad greeting banner from") }
      proceed(to: .helo, sending: heloCommand)
    case .helo:
      if reply.code != 250 { return fail("Bad HELO response from") }
      proceed(to: .quit, sending: Self.quitCommand)
    case .quit: exchange.finish(.passed(proof: nil))
    }
  }
}

extension LocalFaultNames {
  fileprivate static let smtp = LocalFaultNames(
    noSocket: "SMTP_CHECK connection failed to create socket. Rescheduling.",
    notBound: "SMTP_CHECK socket bind failed. Rescheduling.")
}
