// This target talks to servers and never waits for them: for the checks, for genhash, and for
// whoever else is a client.
//
// An `Exchange` is one talk: a socket, what it waits for, and until when. Its delegate says what
// readiness and the deadline mean, and calls `finish` with an outcome. The outcome's type is the
// delegate's own: nothing here knows what a talk is good for, and whoever asked for it decides what
// it means. One exchange makes one attempt after the other; there is at most one in flight.
//
// `HTTPExchange` is a GET, in the clear or over TLS, whose outcome is an `HTTPAnswer` or what went
// wrong. What it keeps from one reading to the next is with `HTTPAnswerReader`: as much as a head
// or a match may need, and no more. How answers look is read by `Wire`.
//
// What all exchanges of a process share is their `ExchangeEnvironment`: the loop, the log, one
// buffer for all that is read, compiled expressions, TLS. Its buffer holds nothing from one call of
// a delegate to the next.
//
// What is short on this machine for a while, such as descriptors or ports, says nothing about the
// server: `shortage` tells it apart, and an outcome must keep it apart. Whatever lasts (a route
// that forbids, an address or a device that is not here) is a failure as any other.
//
// What must never happen: a call that waits; an outcome before `begin` has returned, or two of one
// attempt; a phase without a deadline; one exchange that reads on and on while others wait, however
// fast its server is.
package import EventLoop
package import Logging
package import Primitives
package import SystemIO

/// Says in an exchange what comes next, until it calls `finish`.
package protocol ExchangeDelegate: AnyObject {
  func becameReady(_ readiness: Readiness)
  func deadlinePassed()
  /// The attempt is over; the socket is closed after this.
  func cleanUp()
}

extension ExchangeDelegate {
  package func cleanUp() {}
}

/// A talk with a server: a socket, what it waits for, and until when. It ends with an outcome.
package final class Exchange<Outcome>: ReadinessHandler, TimerHandler {
  package let environment: ExchangeEnvironment
  private let ended: (Outcome) -> Void
  /// Held while the attempt is in flight.
  private var delegate: (any ExchangeDelegate)?
  package private(set) var socket: FileDescriptor?
  package private(set) var socketNumber: Int32 = -1
  private var watch: EventLoop.Watch?
  private var interest: Readiness = []
  private var timer: EventLoop.Timer?
  private var isBeginning = false
  /// An outcome that was there before `begin` could return.
  private var early: Outcome?
  /// Why the last attempt had no socket.
  private var lastFault: ClientSocket.Fault?

  /// `ended` is called once for each attempt that is not cancelled, and never before `begin` has
  /// returned.
  package init(in environment: ExchangeEnvironment, ended: @escaping (Outcome) -> Void) {
    self.environment = environment
    self.ended = ended
  }

  package var loop: EventLoop { environment.loop }
  package var log: Log { environment.log }
  package var buffer: ReceiveBuffer { environment.buffer }

  // MARK: Beginning and end

  /// Begins an attempt; one that is in flight is cancelled. `start` opens the socket.
  package func begin(_ delegate: any ExchangeDelegate, _ start: () -> Void) {
    cancel()
    self.delegate = delegate
    timer = loop.makeTimer(self)
    isBeginning = true
    start()
    isBeginning = false
  }

  /// Ends the attempt without an outcome; harmless without one.
  package func cancel() {
    guard timer != nil else { return }
    early = nil
    close()
    discardTimer()
  }

  package func finish(_ outcome: Outcome) {
    guard let timer, early == nil else { return }
    close()
    if isBeginning {
      early = outcome
      loop.arm(timer, at: loop.now)
    } else {
      discardTimer()
      ended(outcome)
    }
  }

  private func close() {
    delegate?.cleanUp()
    delegate = nil
    if let watch { loop.unwatchClosing(watch) }
    watch = nil
    socket = nil
  }

  private func discardTimer() {
    if let timer { loop.discard(timer) }
    timer = nil
  }

  /// Takes the socket away, so that it outlives the attempt.
  package func takeSocket() -> FileDescriptor? {
    if let watch { loop.unwatch(watch) }
    watch = nil
    return socket.take()
  }

  // MARK: Waiting

  /// Takes a socket over and waits for it.
  package func wait(on socket: consuming FileDescriptor, for interest: Readiness) throws(Errno) {
    watch = try loop.watch(socket.rawValue, for: interest, self)
    self.interest = interest
    socketNumber = socket.rawValue
    self.socket = consume socket
  }

  package func wait(for interest: Readiness) throws(Errno) {
    guard let watch, interest != self.interest else { return }
    try loop.change(watch, to: interest)
    self.interest = interest
  }

  /// From now on, or from when this turn of the loop began.
  package func limit(_ timeout: Microseconds) {
    guard let timer else { return }
    loop.arm(timer, at: (isBeginning ? Clock.now : loop.now) + timeout)
  }

  package func limit(at deadline: Instant) {
    if let timer { loop.arm(timer, at: deadline) }
  }

  package func ready(_ readiness: Readiness, token: Int) { delegate?.becameReady(readiness) }

  package func timerFired(token: Int, at now: Instant) {
    guard let early else {
      delegate?.deadlinePassed()
      return
    }
    self.early = nil
    discardTimer()
    ended(early)
  }
}

extension Exchange {
  /// Opens a socket.
  package func open(_ target: ClientSocket) throws(ClientSocket.Fault) -> FileDescriptor {
    let socket = try target.open()
    lastFault = nil
    return socket
  }

  /// Whether the attempt before had another fault, or none.
  func isNews(_ fault: ClientSocket.Fault) -> Bool {
    defer { lastFault = fault }
    return lastFault != fault
  }

  /// Opens the socket and waits until it is connected.
  package func connect(
    _ target: ClientSocket, _ timeout: Microseconds
  ) throws(ClientSocket.Fault) {
    let socket = try open(target)
    do throws(Errno) { try wait(on: socket, for: .writable) } catch { throw .socket(error) }
    limit(timeout)
  }

  /// How the connecting that made a socket ready went; nil: well.
  package func connectionError(_ readiness: Readiness) -> Errno? {
    // Nothing of it says so: without an error the socket is writable, and no more.
    if readiness.isDisjoint(with: [.failed, .hungUp]) { return nil }
    return socket?.pendingError
  }
}
