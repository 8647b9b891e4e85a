import EventLoop
package import Primitives
package import SystemIO

/// One GET: connects, asks, and reads to the end.
///
/// A body that never ends is not read for ever: `patience` timeouts after the answer's begin it is
/// given up.
package final class HTTPExchange: ExchangeDelegate {
  /// What is asked, and how.
  package struct Plan {
    package var target: ClientSocket
    package var request: HTTPRequest
    package var timeout: Microseconds
    package var wantsDigest = false
    package var tls: TLS?
    package var regex: RegexSearch?

    package init(target: ClientSocket, request: HTTPRequest, timeout: Microseconds) {
      self.target = target
      self.request = request
      self.timeout = timeout
    }
  }

  package struct TLS {
    package var context: TLSContext
    /// The name that the server is told; nil: none.
    package var serverName: String?
    /// Says goodbye to a server that has.
    package var isCompliant = false

    package init(_ context: TLSContext) { self.context = context }
  }

  /// How it ended.
  package enum Outcome {
    case answered(HTTPAnswer)
    case failed(HTTPFailure)
    /// What is short on this machine, as the log names it: it says nothing about the server.
    case postponed(reason: String)
  }

  private enum Phase { case connecting, handshaking, sending, awaiting, reading }

  /// Reads in a row of one that has more, before others get their turn.
  private static let readsAtOnce = 4
  /// As many as one record of TLS may need, and some.
  private static let recordsAtOnce = 16
  private static let patience: Int64 = 60

  private let exchange: Exchange<Outcome>
  private let reader = HTTPAnswerReader()
  private var plan: Plan?
  private var phase = Phase.connecting
  private var tls: TLSConnection?
  private var saysGoodbye = false
  private var sent = 0
  private var lastDeadline = Instant.distantFuture

  /// `ended` is called once for each attempt that is not cancelled, and never before `begin` has
  /// returned.
  package init(in environment: ExchangeEnvironment, ended: @escaping (Outcome) -> Void) {
    exchange = Exchange(in: environment, ended: ended)
  }

  private var environment: ExchangeEnvironment { exchange.environment }

  package var observer: (any HTTPObserver)? {
    get { reader.observer }
    set { reader.observer = newValue }
  }

  /// Begins an attempt; one that is in flight is cancelled.
  package func begin(_ plan: Plan) { exchange.begin(self) { start(plan) } }

  /// An attempt that cannot be made here.
  package func refuse(_ failure: HTTPFailure) { exchange.begin(self) { fail(failure) } }

  package func cancel() { exchange.cancel() }

  private func start(_ plan: Plan) {
    self.plan = plan
    phase = .connecting
    sent = 0
    saysGoodbye = false
    lastDeadline = .distantFuture
    guard reader.begin(wantsDigest: plan.wantsDigest, regex: plan.regex) else {
      return fail(.noDigests)
    }
    do throws(ClientSocket.Fault) {
      try exchange.connect(plan.target, plan.timeout)
    } catch {
      let shortage = exchange.shortage(error, .http)
      exchange.finish(shortage.map { .postponed(reason: $0) } ?? .failed(.unreachable))
    }
  }

  package func cleanUp() {
    // It must not outlive the socket.
    tls?.close(sayingGoodbye: saysGoodbye)
    tls = nil
    plan = nil
  }

  private func fail(_ failure: HTTPFailure) { exchange.finish(.failed(failure)) }

  package func becameReady(_ readiness: Readiness) {
    guard let plan else { return }
    switch phase {
    case .connecting: connected(exchange.connectionError(readiness), plan)
    case .handshaking: handshake(plan)
    case .sending: send(plan)
    case .awaiting, .reading:
      if let tls { read(from: tls, plan) } else { read(readiness, plan) }
    }
  }

  package func deadlinePassed() {
    switch phase {
    case .connecting, .handshaking: fail(.connectTimeout)
    case .sending, .awaiting: fail(.noAnswer)
    case .reading: fail(tls == nil ? .readTimeout : .tlsReadTimeout)
    }
  }

  // MARK: Asking

  private func connected(_ error: Errno?, _ plan: Plan) {
    switch error {
    case nil:
      if let settings = plan.tls { startTLS(settings, plan) } else { startSending(plan) }
    case .timedOut: fail(.connectTimeout)
    default: fail(.notConnected)
    }
  }

  private func startSending(_ plan: Plan) {
    phase = .sending
    exchange.limit(plan.timeout)
    send(plan)
  }

  private func send(_ plan: Plan) {
    if let tls { return send(plan, over: tls) }
    do throws(Errno) {
      sent += try exchange.socket?.send(plan.request.octets, from: sent) ?? 0
      if sent == plan.request.octets.count { awaitAnswer(plan) }
    } catch {
      if error != .again { fail(.notSent) }
    }
  }

  private func awaitAnswer(_ plan: Plan) {
    phase = .awaiting
    exchange.limit(plan.timeout)
    wait(until: [.readable, .peerClosed])
  }

  private func wait(until readiness: Readiness) {
    do throws(Errno) { try exchange.wait(for: readiness) } catch { fail(.notSent) }
  }

  // MARK: TLS

  private func startTLS(_ settings: TLS, _ plan: Plan) {
    phase = .handshaking
    tls = settings.context.connection(on: exchange.socketNumber, serverName: settings.serverName)
    if tls == nil { return fail(.handshake) }
    handshake(plan)
  }

  private func handshake(_ plan: Plan) {
    switch tls?.handshake() {
    case .done: startSending(plan)
    case .wants(let readiness): wait(until: readiness)
    case .ended, .failed, nil: fail(.handshake)
    }
  }

  private func send(_ plan: Plan, over tls: TLSConnection) {
    switch tls.write(plan.request.octets, from: sent) {
    case .done(let count):
      sent += count
      if sent == plan.request.octets.count { awaitAnswer(plan) } else { wait(until: .writable) }
    case .wants(let readiness): wait(until: readiness)
    case .ended, .failed: fail(.notSent)
    }
  }

  /// All readings have one time limit.
  private func read(from tls: TLSConnection, _ plan: Plan) {
    if phase == .awaiting {
      phase = .reading
      exchange.limit(plan.timeout)
    }
    for _ in 0..<Self.recordsAtOnce {
      environment.buffer.store(reader.kept)
      switch tls.read(into: environment.buffer, at: reader.kept.count, limit: reader.limit) {
      case .done(let count):
        take(count)
        if reader.isRefused { return end() }
      case .wants(let readiness): return wait(until: readiness)
      case .ended:
        saysGoodbye = plan.tls?.isCompliant ?? false
        // Compatibility: who says goodbye before the head is whole has failed, who just goes has
        // answered nothing.
        return reader.hasHead ? end() : fail(.tlsReadError)
      case .failed(let fault): return end(fault)
      }
    }
    // More may be waiting in the library, where the kernel does not see it.
    wait(until: .writable)
  }

  // MARK: Reading

  private func read(_ readiness: Readiness, _ plan: Plan) {
    for _ in 0..<Self.readsAtOnce {
      let count: Int
      do throws(Errno) {
        count = try receive()
      } catch {
        if error == .again { break }
        return fail(.readError)
      }
      if count == 0 { return end() }
      take(count)
      if reader.isRefused { return end() }
      // Whoever has closed has sent all: one of the next readings is the last.
      if !readiness.contains(.peerClosed) { break }
    }
    if phase == .awaiting {
      phase = .reading
      lastDeadline = exchange.loop.now + plan.timeout * Self.patience
    }
    exchange.limit(at: min(exchange.loop.now + plan.timeout, lastDeadline))
  }

  private func receive() throws(Errno) -> Int {
    environment.buffer.store(reader.kept)
    return try environment.buffer.receive(
      from: exchange.socketNumber, at: reader.kept.count, limit: reader.limit)
  }

  private func take(_ count: Int) {
    environment.buffer.withOctets(reader.kept.count + count) { reader.take($0) }
  }

  private func end(_ fault: TLSFault? = nil) { exchange.finish(.answered(reader.end(fault))) }
}

/// The failures of a request, as the log names them.
package enum HTTPFailure: String {
  case unreachable = "HTTP/SSL_CHECK - network unreachable"
  case notConnected = "Connection failed"
  case connectTimeout = "Timeout connecting"
  case notSent = "Cannot send get request to"
  case noAnswer = "Timeout WEB read"
  case readTimeout = "Timeout HTTP read"
  case readError = "Read error with"
  case handshake = "SSL handshake/communication error connecting to"
  case tlsReadTimeout = "Timeout SSL read"
  case tlsReadError = "SSL read error from"
  // What this machine lacks.
  case noTLS = "OpenSSL is missing for SSL_GET of"
  case noDigests = "OpenSSL is missing or has no MD5 for digest of"
  case noExpressions = "PCRE2 is missing for regex of"

  /// Whether it will not be otherwise the next time.
  package var isLacking: Bool { self == .noTLS || self == .noDigests || self == .noExpressions }
}

extension LocalFaultNames {
  fileprivate static let http = LocalFaultNames(
    noSocket: "WEB connection fail to create socket. Rescheduling.",
    notBound: "WEB socket bind failed. Rescheduling")
}
