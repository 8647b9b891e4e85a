import EventLoop
import IPVS
import Kernel
import Logging
import Primitives
import SystemIO

/// What carries out transactions of nftables: the kernel, or what stands for it in tests.
protocol MarkRequestPerformer: AnyObject {
  func perform(_ requests: [MarkRequest]) throws(NFTablesChannel.Failure)
}

extension NFTablesChannel: MarkRequestPerformer {}

/// Keeps the tables of nftables that give packets the marks of groups equal to what is configured.
/// What cannot be done is tried again for as long as it is wanted, and told once.
final class MarkTableWriter: TimerHandler {
  private static let firstRetry = Microseconds.seconds(1)
  private static let lastRetry = Microseconds.seconds(30)

  /// Lines about one trouble.
  private static let complaintLimit = 100

  private let kernel: any MarkRequestPerformer
  private let loop: EventLoop
  private let log: Log
  private var tables = MarkTables()
  private var retryDelay = firstRetry
  private var isRetryArmed = false
  private(set) lazy var retryTimer = loop.makeTimer(self)
  /// What was told since all was well.
  private var complaints: Set<String> = []

  init(_ kernel: any MarkRequestPerformer, loop: EventLoop, log: Log) {
    self.kernel = kernel
    self.loop = loop
    self.log = log
  }

  /// Leads the kernel to these tables and no others of ours.
  func write(_ wanted: [MarkTable]) {
    tables.want(wanted)
    commit()
    arrangeRetry()
  }

  private func commit() {
    for (family, requests) in tables.transactions() {
      do throws(NFTablesChannel.Failure) { try kernel.perform(requests) } catch {
        tables.failed(family)
        complain(error)
      }
    }
  }

  private func complain(_ failure: NFTablesChannel.Failure) {
    let text = failure.reason.systemText
    let line =
      failure.request?.complaint(failure.reason, systemText: text)
      ?? "nftables cannot be used: \(text)(\(failure.reason.rawValue))"
    guard complaints.count < Self.complaintLimit, complaints.insert(line).inserted else { return }
    log.info(line)
  }

  private func arrangeRetry() {
    guard tables.needsRetry else {
      if isRetryArmed { log.info("nftables holds all that is configured again") }
      isRetryArmed = false
      complaints = []
      retryDelay = Self.firstRetry
      loop.disarm(retryTimer)
      return
    }
    if isRetryArmed { return }
    isRetryArmed = true
    loop.arm(retryTimer, at: Clock.now + retryDelay)
  }

  func timerFired(token: Int, at now: Instant) {
    retryDelay = min(retryDelay * 2, Self.lastRetry)
    commit()
    arrangeRetry()
    if tables.needsRetry { loop.arm(retryTimer, at: Clock.now + retryDelay) }
  }
}
