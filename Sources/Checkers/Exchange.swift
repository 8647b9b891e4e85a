import Configuration
import EventLoop
import HealthChecking
package import Primitives
package import SystemIO

/// A talk with a server: a socket, what it waits for, and until when.
///
/// A subclass opens the socket when it begins, and says in `becameReady` and `deadlinePassed` what
/// comes next, until it calls `finish`.
package class Exchange: ReadinessHandler, TimerHandler {
  let environment: CheckEnvironment
  private let ended: (CheckResult) -> Void
  private(set) var socket: FileDescriptor?
  private(set) var socketNumber: Int32 = -1
  private var watch: EventLoop.Watch?
  private var interest: Readiness = []
  private var timer: EventLoop.Timer?
  /// A result that was there before `begin` could return.
  private var early: CheckResult?
  private var isBeginning = false

  init(in environment: CheckEnvironment, ended: @escaping (CheckResult) -> Void) {
    self.environment = environment
    self.ended = ended
  }

  final var loop: EventLoop { environment.loop }

  // MARK: For subclasses to say

  func becameReady(_ readiness: Readiness) {}
  func deadlinePassed() {}
  /// The attempt is over; the socket is closed after this.
  func cleanUp() {}

  // MARK: Beginning and end

  final func begin(_ start: () -> Void) {
    cancel()
    timer = loop.makeTimer(self)
    isBeginning = true
    start()
    isBeginning = false
  }

  /// An attempt that cannot be made.
  final func postpone(_ reason: String) { begin { finish(.postponed(reason: reason)) } }

  package final func cancel() {
    guard let timer else { return }
    early = nil
    close()
    loop.discard(timer)
    self.timer = nil
  }

  final func finish(_ result: CheckResult) {
    guard let timer, early == nil else { return }
    close()
    if isBeginning {
      early = result
      loop.arm(timer, at: loop.now)
    } else {
      loop.discard(timer)
      self.timer = nil
      ended(result)
    }
  }

  private func close() {
    cleanUp()
    if let watch { loop.unwatchClosing(watch) }
    watch = nil
    socket = nil
  }

  /// Takes the socket away, so that it outlives the attempt.
  final func takeSocket() -> FileDescriptor? {
    if let watch { loop.unwatch(watch) }
    watch = nil
    return socket.take()
  }

  // MARK: Waiting

  /// Takes a socket over and waits for it.
  final func wait(on socket: consuming FileDescriptor, for interest: Readiness) throws(Errno) {
    watch = try loop.watch(socket.rawValue, for: interest, self)
    self.interest = interest
    socketNumber = socket.rawValue
    self.socket = consume socket
  }

  final func wait(for interest: Readiness) throws(Errno) {
    guard let watch, interest != self.interest else { return }
    try loop.change(watch, to: interest)
    self.interest = interest
  }

  /// From now on, or from when this turn of the loop began.
  final func limit(_ timeout: Microseconds) {
    guard let timer else { return }
    loop.arm(timer, at: (isBeginning ? Clock.now : loop.now) + timeout)
  }

  final func limit(at deadline: Instant) {
    if let timer { loop.arm(timer, at: deadline) }
  }

  package final func ready(_ readiness: Readiness, token: Int) {
    if timer != nil { becameReady(readiness) }
  }

  package final func timerFired(token: Int, at now: Instant) {
    guard let early else { return deadlinePassed() }
    self.early = nil
    if let timer { loop.discard(timer) }
    timer = nil
    ended(early)
  }
}

extension Exchange {
  /// How the connecting that made a socket ready went; nil: well.
  final func connectionError(_ readiness: Readiness) -> Errno? {
    // Nothing of it says so: without an error the socket is writable, and no more.
    if readiness.isDisjoint(with: [.failed, .hungUp]) { return nil }
    return socket?.pendingError
  }
}

extension ClientSocket {
  init(_ kind: Kind, _ connection: CheckConnection) {
    self.init(
      kind, to: connection.address, port: connection.port,
      from: connection.bindAddress.map { ($0, connection.bindPort) },
      device: connection.bindInterface ?? "", mark: connection.mark)
  }
}
