// This target is the waiting of a process: everything in it happens in a turn of this loop.
//
// `EventLoop` owns the epoll instance (epoll(7)), the watched descriptors, the timers
// (`TimerQueue`), the signals (`SignalWatch`, signalfd(2)) and the ended children (`ChildWatch`).
// Who wants to be told gives a handler and a token, and keeps the descriptor: the loop closes none.
// There is one thread, and one handler at a time.
//
// A turn waits once, then calls the handlers of what was ready and of the timers that were due
// when it began, in the order of their deadlines. So a busy descriptor cannot keep timers waiting,
// nor a timer that sets itself anew keep descriptors waiting. A turn that begins late reads all
// that waits before it lets a timer decide (`Turn`).
//
// What must never happen: a handler that waits; a handler that is called for a descriptor that is
// no longer watched, though its number be in use again (generations tell them apart); a child that
// is not reaped.

package import Primitives
package import SystemIO

/// Is told that a descriptor is ready. `token` tells the descriptors of one handler apart.
package protocol ReadinessHandler: AnyObject {
  func ready(_ readiness: Readiness, token: Int)
}

/// Is told that a timer's deadline has come. `token` tells the timers of one handler apart.
package protocol TimerHandler: AnyObject {
  func timerFired(token: Int, at now: Instant)
}

/// The loop of one process: waits for descriptors, timers, signals and ended children, and calls
/// their handlers one after the other.
///
/// A turn of the loop does a bounded amount of work: the events of one wait (of a few, if it is
/// late), then the timers that were due when it began. Handlers must not block.
package final class EventLoop {
  /// A descriptor that is being watched.
  package struct Watch: Hashable {
    let slot: Int
    let generation: UInt32
  }
  /// A timer; it does nothing until it is armed.
  package struct Timer: Hashable { let slot: Int }

  private struct WatchSlot {
    var descriptor: Int32 = -1
    var handler: (any ReadinessHandler)?
    var token = 0
    /// Changes with each use of the slot: an event of an earlier use is recognised by it.
    var generation: UInt32 = 0
  }

  private struct TimerSlot {
    var handler: (any TimerHandler)?
    var token = 0
  }

  private var epoll: Epoll?
  private var watches: [WatchSlot] = []
  private var freeWatches: [Int] = []
  private var timers: [TimerSlot] = []
  private var freeTimers: [Int] = []
  private var queue = TimerQueue()
  private var isRunning = false
  /// The children whose end somebody waits for.
  var children: [Int32: ChildWatch] = [:]

  /// The time at which the current turn began.
  package private(set) var now = Clock.now
  /// Called at the end of each turn, before the loop waits.
  package var beforeWaiting: (() -> Void)?
  /// Called when a turn begins later than its first deadline, before anything else is done: by how
  /// much.
  package var wokeLate: ((Microseconds) -> Void)?
  /// The lateness from which `wokeLate` is called.
  package var lateness = Turn.standstill

  package init() throws(Errno) { epoll = try Epoll() }

  // MARK: Descriptors

  package func watch(
    _ descriptor: Int32, for interest: Readiness = .readable, _ handler: any ReadinessHandler,
    token: Int = 0
  ) throws(Errno) -> Watch {
    let slot = freeWatches.popLast() ?? watches.count
    if slot == watches.count { watches.append(WatchSlot()) }
    watches[slot].generation &+= 1
    watches[slot].descriptor = descriptor
    watches[slot].handler = handler
    watches[slot].token = token
    do throws(Errno) {
      try epoll?.add(descriptor, interest, token: key(slot))
    } catch {
      watches[slot].handler = nil
      freeWatches.append(slot)
      throw error
    }
    return Watch(slot: slot, generation: watches[slot].generation)
  }

  package func change(_ watch: Watch, to interest: Readiness) throws(Errno) {
    guard isCurrent(watch) else { return }
    try epoll?.change(watches[watch.slot].descriptor, interest, token: key(watch.slot))
  }

  /// Must come before the descriptor is closed; a second time is harmless.
  package func unwatch(_ watch: Watch) {
    guard isCurrent(watch) else { return }
    epoll?.remove(watches[watch.slot].descriptor)
    watches[watch.slot].handler = nil
    freeWatches.append(watch.slot)
  }

  /// As `unwatch`, for a descriptor that is closed right now: the kernel forgets it by itself.
  package func unwatchClosing(_ watch: Watch) {
    guard isCurrent(watch) else { return }
    watches[watch.slot].handler = nil
    freeWatches.append(watch.slot)
  }

  private func isCurrent(_ watch: Watch) -> Bool {
    watches[watch.slot].generation == watch.generation && watches[watch.slot].handler != nil
  }

  private func key(_ slot: Int) -> UInt64 {
    UInt64(watches[slot].generation) << 32 | UInt64(slot)
  }

  // MARK: Timers

  package func makeTimer(_ handler: any TimerHandler, token: Int = 0) -> Timer {
    let slot = freeTimers.popLast() ?? timers.count
    if slot == timers.count { timers.append(TimerSlot()) }
    timers[slot] = TimerSlot(handler: handler, token: token)
    return Timer(slot: slot)
  }

  /// Arms the timer, or moves its deadline.
  package func arm(_ timer: Timer, at deadline: Instant) { queue.arm(timer.slot, at: deadline) }
  package func disarm(_ timer: Timer) { queue.disarm(timer.slot) }

  package func discard(_ timer: Timer) {
    guard timers[timer.slot].handler != nil else { return }
    queue.disarm(timer.slot)
    timers[timer.slot] = TimerSlot()
    freeTimers.append(timer.slot)
  }

  /// Calls `action` once, `delay` from now. For what happens rarely.
  @discardableResult
  package func after(_ delay: Microseconds, _ action: @escaping () -> Void) -> Alarm {
    let alarm = Alarm(loop: self, action: action)
    arm(alarm.timer, at: Clock.now + delay)
    return alarm
  }

  // MARK: Children

  /// Reaps the children that nobody waits for: what scripts have left behind, if this process
  /// adopts it. To be called at SIGCHLD.
  package func reapOrphans() {
    while let process = Processes.ended {
      if let watch = children[process] {
        watch.ready(.readable, token: 0)
      } else if Processes.reap(process) == nil {
        return
      }
    }
  }

  // MARK: Running

  /// Runs until `stop` is called.
  package func run() throws(Errno) {
    isRunning = true
    while isRunning { try turn() }
  }

  package func stop() { isRunning = false }

  /// In a forked child: the loop belongs to the parent, and nothing may come of it here.
  package func abandon() {
    epoll = nil
    isRunning = false
  }

  /// Waits once and handles what there is.
  package func turn() throws(Errno) {
    beforeWaiting?()
    if !isRunning { return }
    let count = try epoll?.wait(queue.first.map { $0.deadline - Clock.now }) ?? 0
    var turn = Turn(at: Clock.now, firstDeadline: queue.first?.deadline)
    now = turn.now
    if turn.lateness >= lateness { wokeLate?(turn.lateness) }
    dispatch(count)
    var found: Int?
    while turn.next(found: found) == .readMore {
      let count = try epoll?.wait(.zero) ?? 0
      dispatch(count)
      found = count
    }
    expireTimers()
  }

  private func dispatch(_ count: Int) {
    for index in 0..<count {
      if let event = epoll?[index] { dispatch(event) }
    }
  }

  private func dispatch(_ event: (token: UInt64, readiness: Readiness)) {
    let slot = Int(event.token & 0xffff_ffff)
    guard watches[slot].generation == UInt32(event.token >> 32),
      let handler = watches[slot].handler
    else { return }
    handler.ready(event.readiness, token: watches[slot].token)
  }

  private func expireTimers() {
    // Handlers may arm timers that are due already: they wait for the next turn.
    var budget = queue.count
    while budget > 0, let entry = queue.popExpired(at: now) {
      budget -= 1
      let slot = timers[entry.timer]
      slot.handler?.timerFired(token: slot.token, at: now)
    }
  }
}

/// An action that waits for its time.
package final class Alarm: TimerHandler {
  private weak var loop: EventLoop?
  private var action: (() -> Void)?
  fileprivate var timer = EventLoop.Timer(slot: -1)

  fileprivate init(loop: EventLoop, action: @escaping () -> Void) {
    self.loop = loop
    self.action = action
    timer = loop.makeTimer(self)
  }

  package func timerFired(token: Int, at now: Instant) {
    let action = action
    cancel()
    action?()
  }

  /// Does nothing if the time has come already.
  package func cancel() {
    guard action != nil else { return }
    action = nil
    loop?.discard(timer)
  }
}
