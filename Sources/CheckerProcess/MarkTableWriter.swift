import EventLoop
import IPVS
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// What carries out transactions of nftables: the kernel, or what stands for it in tests.
protocol MarkRequestPerformer: AnyObject {
  func perform(_ requests: [MarkRequest]) throws(NFTablesChannel.Failure)
}

extension NFTablesChannel: MarkRequestPerformer {}

/// Keeps the tables of nftables that give packets the marks of groups equal to what is configured.
/// What cannot be done is tried again for as long as it is wanted, and told once.
final class MarkTableWriter {
  private let kernel: any MarkRequestPerformer
  private let loop: EventLoop
  private let log: Log
  private var tables = MarkTables()
  private(set) lazy var retry = Retry(
    loop: loop, log: log, relief: "nftables holds all that is configured again",
    excess: "nftables: further errors are not logged until all is well",
    attempt: { [unowned self] in commit() })

  init(_ kernel: any MarkRequestPerformer, loop: EventLoop, log: Log) {
    self.kernel = kernel
    self.loop = loop
    self.log = log
  }

  /// Leads the kernel to these tables and no others of ours.
  func write(_ wanted: [MarkTable]) {
    tables.want(wanted)
    commit()
  }

  private func commit() {
    for (family, requests) in tables.transactions() {
      do throws(NFTablesChannel.Failure) { try kernel.perform(requests) } catch {
        tables.failed(family)
        complain(error, requests)
      }
    }
    retry.settle(isNeeded: tables.needsRetry)
  }

  private func complain(_ failure: NFTablesChannel.Failure, _ requests: [MarkRequest]) {
    let text = failure.reason.systemText
    let line =
      failure.place.map { requests[$0].complaint(failure.reason, systemText: text) }
      ?? "nftables cannot be used: \(text)(\(failure.reason.rawValue))"
    retry.complain(line)
  }
}
