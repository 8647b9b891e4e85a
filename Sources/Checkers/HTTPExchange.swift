import EventLoop
package import HealthChecking
package import Primitives
package import SystemIO

/// One GET: connects, asks, and reads to the end.
///
/// A body that never ends is not read for ever: `patience` timeouts after the answer's begin it is
/// given up.
package final class HTTPExchange: Exchange {
  /// What is asked, and how.
  package struct Plan {
    package var target: ClientSocket
    package var request: HTTPRequest
    package var timeout: Microseconds
    package var wantsDigest = false
    package var tls: TLS?
    var regex: RegexSearch?

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

  private enum Phase { case connecting, handshaking, sending, awaiting, reading }

  /// Reads in a row of one that has more, before others get their turn.
  private static let readsAtOnce = 4
  /// As many as one record of TLS may need, and some.
  private static let recordsAtOnce = 16
  private static let patience: Int64 = 60

  private var judge: (any HTTPJudge)?
  private let reader = HTTPAnswerReader()
  private var plan: Plan?
  private var phase = Phase.connecting
  private var tls: TLSConnection?
  private var saysGoodbye = false
  private var sent = 0
  private var lastDeadline = Instant.distantFuture

  package override init(
    in environment: CheckEnvironment, ended: @escaping (CheckResult) -> Void
  ) {
    super.init(in: environment, ended: ended)
  }

  package var observer: (any HTTPObserver)? {
    get { reader.observer }
    set { reader.observer = newValue }
  }

  /// The judge is asked when the answer has ended, and held until then.
  package func begin(_ plan: Plan, judge: any HTTPJudge) { begin { start(plan, judge) } }

  private func start(_ plan: Plan, _ judge: any HTTPJudge) {
    self.plan = plan
    self.judge = judge
    phase = .connecting
    sent = 0
    saysGoodbye = false
    lastDeadline = .distantFuture
    guard reader.begin(wantsDigest: plan.wantsDigest, regex: plan.regex) else {
      return finish(.postponed(reason: "OpenSSL, which digests need, is missing or has no MD5"))
    }
    do throws(ClientSocket.Fault) {
      try connect(plan.target, plan.timeout)
    } catch {
      finish(result(of: error, .http) ?? .failed(detail: HTTPFailure.unreachable))
    }
  }

  override func cleanUp() {
    // It must not outlive the socket.
    tls?.close(sayingGoodbye: saysGoodbye)
    tls = nil
    plan = nil
    judge = nil
  }

  private func fail(_ text: String) { finish(.failed(detail: text)) }

  override func becameReady(_ readiness: Readiness) {
    guard let plan else { return }
    switch phase {
    case .connecting: connected(connectionError(readiness), plan)
    case .handshaking: handshake(plan)
    case .sending: send(plan)
    case .awaiting, .reading:
      if let tls { read(from: tls, plan) } else { read(readiness, plan) }
    }
  }

  override func deadlinePassed() {
    switch phase {
    case .connecting, .handshaking: fail(HTTPFailure.connectTimeout)
    case .sending, .awaiting: fail(HTTPFailure.noAnswer)
    case .reading: fail(tls == nil ? HTTPFailure.readTimeout : HTTPFailure.tlsReadTimeout)
    }
  }

  // MARK: Asking

  private func connected(_ error: Errno?, _ plan: Plan) {
    switch error {
    case nil:
      if let settings = plan.tls { startTLS(settings, plan) } else { startSending(plan) }
    case .timedOut: fail(HTTPFailure.connectTimeout)
    default: fail(HTTPFailure.notConnected)
    }
  }

  private func startSending(_ plan: Plan) {
    phase = .sending
    limit(plan.timeout)
    send(plan)
  }

  private func send(_ plan: Plan) {
    if let tls { return send(plan, over: tls) }
    do throws(Errno) {
      sent += try socket?.send(plan.request.octets, from: sent) ?? 0
      if sent == plan.request.octets.count { awaitAnswer(plan) }
    } catch {
      if error != .again { fail(HTTPFailure.notSent) }
    }
  }

  private func awaitAnswer(_ plan: Plan) {
    phase = .awaiting
    limit(plan.timeout)
    wait(until: [.readable, .peerClosed])
  }

  private func wait(until readiness: Readiness) {
    do throws(Errno) { try wait(for: readiness) } catch { fail(HTTPFailure.notSent) }
  }

  // MARK: TLS

  private func startTLS(_ settings: TLS, _ plan: Plan) {
    phase = .handshaking
    tls = settings.context.connection(on: socketNumber, serverName: settings.serverName)
    if tls == nil { return fail(HTTPFailure.handshake) }
    handshake(plan)
  }

  private func handshake(_ plan: Plan) {
    switch tls?.handshake() {
    case .done: startSending(plan)
    case .wants(let readiness): wait(until: readiness)
    case .ended, .failed, nil: fail(HTTPFailure.handshake)
    }
  }

  private func send(_ plan: Plan, over tls: TLSConnection) {
    switch tls.write(plan.request.octets, from: sent) {
    case .done(let count):
      sent += count
      if sent == plan.request.octets.count { awaitAnswer(plan) } else { wait(until: .writable) }
    case .wants(let readiness): wait(until: readiness)
    case .ended, .failed: fail(HTTPFailure.notSent)
    }
  }

  /// All readings have one time limit.
  private func read(from tls: TLSConnection, _ plan: Plan) {
    if phase == .awaiting {
      phase = .reading
      limit(plan.timeout)
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
        return end()
      case .failed(let fault):
        if let fault { judge?.tell(fault) }
        return reader.hasBegun ? end() : fail(HTTPFailure.tlsReadError)
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
        return fail(HTTPFailure.readError)
      }
      if count == 0 { return end() }
      take(count)
      if reader.isRefused { return end() }
      // Whoever has closed has sent all: one of the next readings is the last.
      if !readiness.contains(.peerClosed) { break }
    }
    if phase == .awaiting {
      phase = .reading
      lastDeadline = loop.now + plan.timeout * Self.patience
    }
    limit(at: min(loop.now + plan.timeout, lastDeadline))
  }

  private func receive() throws(Errno) -> Int {
    environment.buffer.store(reader.kept)
    return try environment.buffer.receive(
      from: socketNumber, at: reader.kept.count, limit: reader.limit)
  }

  private func take(_ count: Int) {
    environment.buffer.withOctets(reader.kept.count + count) { reader.take($0) }
  }

  private func end() {
    let answer = reader.end()
    if let judge { finish(judge.judge(answer)) }
  }
}

/// Says whether an answer is the wanted one.
package protocol HTTPJudge: AnyObject {
  func judge(_ answer: HTTPAnswer) -> CheckResult
  /// TLS has failed behind what was read.
  func tell(_ fault: TLSFault)
}

/// The failures of a request, as the log names them.
enum HTTPFailure {
  static let unreachable = "HTTP/SSL_CHECK - network unreachable"
  static let notConnected = "Connection failed"
  static let connectTimeout = "Timeout connecting"
  static let notSent = "Cannot send get request to"
  static let noAnswer = "Timeout WEB read"
  static let readTimeout = "Timeout HTTP read"
  static let readError = "Read error with"
  static let handshake = "SSL handshake/communication error connecting to"
  static let tlsReadTimeout = "Timeout SSL read"
  static let tlsReadError = "SSL read error from"
}
