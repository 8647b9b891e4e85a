package import EventLoop
package import Logging
package import Primitives
import SystemIO

/// What the kernel would not do is tried again, later and later, for as long as it is wanted; what
/// went wrong is told once.
package final class Retry: TimerHandler {
  private static let first = Microseconds.seconds(1)
  private static let last = Microseconds.seconds(30)

  private let loop: EventLoop
  private let log: Log
  private let attempt: () -> Void
  private let complaintLimit: Int
  /// Told when there is nothing left to be tried.
  private let relief: String
  /// Told in place of further complaints.
  private let excess: String
  private var delay = first
  private var isArmed = false
  /// What was told since all was well.
  private var complaints: Set<String> = []
  package private(set) lazy var timer = loop.makeTimer(self)

  /// `attempt` is called when it is time, and must end in a call of `settle`.
  package init(
    loop: EventLoop, log: Log, complaintLimit: Int = 100, relief: String, excess: String,
    attempt: @escaping () -> Void
  ) {
    self.loop = loop
    self.log = log
    self.complaintLimit = complaintLimit
    self.relief = relief
    self.excess = excess
    self.attempt = attempt
  }

  /// Each line once, until all is well again.
  package func complain(_ line: String) {
    guard complaints.count < complaintLimit, complaints.insert(line).inserted else { return }
    log.info(line)
    if complaints.count == complaintLimit { log.info(excess) }
  }

  /// All was tried: whether something is left for another time.
  package func settle(isNeeded: Bool) {
    guard isNeeded else {
      if isArmed {
        log.info(relief)
        loop.disarm(timer)
      }
      isArmed = false
      complaints = []
      delay = Self.first
      return
    }
    if isArmed { return }
    isArmed = true
    loop.arm(timer, at: Clock.now + delay)
  }

  package func timerFired(token: Int, at now: Instant) {
    delay = min(delay * 2, Self.last)
    attempt()
    if isArmed { loop.arm(timer, at: Clock.now + delay) }
  }
}
