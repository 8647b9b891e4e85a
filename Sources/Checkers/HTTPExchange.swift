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

    package init(target: ClientSocket, request: HTTPRequest, timeout: Microseconds) {
      self.target = target
      self.request = request
      self.timeout = timeout
    }
  }

  private enum Phase { case connecting, sending, awaiting, reading }

  /// Reads in a row of one that has more, before others get their turn.
  private static let readsAtOnce = 4
  private static let patience: Int64 = 60

  private var judge: (any HTTPJudge)?
  private let reader = HTTPAnswerReader()
  private var plan: Plan?
  private var phase = Phase.connecting
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
    lastDeadline = .distantFuture
    guard reader.begin(wantsDigest: plan.wantsDigest) else {
      return finish(.postponed(reason: "OpenSSL, which digests need, is missing or has no MD5"))
    }
    do throws(ClientSocket.Fault) {
      try connect(plan.target, plan.timeout)
    } catch {
      finish(result(of: error, .http) ?? .failed(detail: HTTPFailure.unreachable))
    }
  }

  override func cleanUp() {
    plan = nil
    judge = nil
  }

  private func fail(_ text: String) { finish(.failed(detail: text)) }

  override func becameReady(_ readiness: Readiness) {
    guard let plan else { return }
    switch phase {
    case .connecting: connected(connectionError(readiness), plan)
    case .sending: send(plan)
    case .awaiting, .reading: read(readiness, plan)
    }
  }

  override func deadlinePassed() {
    switch phase {
    case .connecting: fail(HTTPFailure.connectTimeout)
    case .sending, .awaiting: fail(HTTPFailure.noAnswer)
    case .reading: fail(HTTPFailure.readTimeout)
    }
  }

  // MARK: Asking

  private func connected(_ error: Errno?, _ plan: Plan) {
    switch error {
    case nil:
      phase = .sending
      limit(plan.timeout)
      send(plan)
    case .timedOut: fail(HTTPFailure.connectTimeout)
    default: fail(HTTPFailure.notConnected)
    }
  }

  private func send(_ plan: Plan) {
    do throws(Errno) {
      sent += try socket?.send(plan.request.octets, from: sent) ?? 0
      if sent < plan.request.octets.count { return }
      phase = .awaiting
      try wait(for: [.readable, .peerClosed])
      limit(plan.timeout)
    } catch {
      if error != .again { fail(HTTPFailure.notSent) }
    }
  }

  // MARK: Reading

  private func read(_ readiness: Readiness, _ plan: Plan) {
    for _ in 0..<Self.readsAtOnce {
      let count: Int
      do throws(Errno) {
        count = try receive()
      } catch {
        if error != .again { fail(HTTPFailure.readError) }
        return
      }
      if count == 0 { return end() }
      environment.buffer.withOctets(reader.kept.count + count) { reader.take($0) }
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

  private func end() {
    let answer = reader.end()
    if let judge { finish(judge.judge(answer)) }
  }
}

/// Says whether an answer is the wanted one.
package protocol HTTPJudge: AnyObject {
  func judge(_ answer: HTTPAnswer) -> CheckResult
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
}
