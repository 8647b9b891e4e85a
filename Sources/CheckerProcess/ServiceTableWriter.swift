import EventLoop
import IPVS
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// Keeps the kernel's IPVS equal to what virtual servers want. What cannot be done is tried again
/// for as long as it is wanted, and told once.
final class ServiceTableWriter {
  /// A commit and what mends its failures. Another program that undoes everything at once must not
  /// keep the loop busy.
  private static let rounds = 4
  private static let servicesAtOnce = 8
  /// Lines about one trouble; more of them would say nothing new.
  private static let complaintLimit = 1000

  private let kernel: any RequestPerformer
  private let loop: EventLoop
  private let log: Log
  private var table = ServiceTable()
  private(set) lazy var retry = Retry(
    loop: loop, log: log, complaintLimit: Self.complaintLimit,
    relief: "IPVS holds all that is configured again",
    excess: "IPVS: further errors are not logged until all is well",
    attempt: { [unowned self] in commit(retrying: true) })

  init(_ kernel: any RequestPerformer, loop: EventLoop, log: Log) {
    self.kernel = kernel
    self.loop = loop
    self.log = log
  }

  /// What an owner wants from now on; nothing happens before the next commit.
  func want(_ services: [WantedService], for owner: Int) { table.want(services, for: owner) }

  /// What all owners want from now on, by their indices.
  func wantOnly(_ services: [[WantedService]]) { table.wantOnly(services) }

  /// Leads the kernel to what is wanted.
  func commit() { commit(retrying: false) }

  private func commit(retrying: Bool) {
    // In parts: the requests of thousands of services would need more memory than the services.
    var services = table.prepare(retrying: retrying)
    while services > 0 {
      perform(table.requests(ofServices: min(services, Self.servicesAtOnce)))
      services -= Self.servicesAtOnce
    }
    var requests = table.repairs()
    for _ in 1..<Self.rounds where !requests.isEmpty {
      perform(requests)
      requests = table.repairs()
    }
    if !requests.isEmpty {
      perform(requests)
      table.postponeRepairs()
    }
    retry.settle(isNeeded: table.needsRetry)
  }

  private func perform(_ requests: [Request]) {
    // Collected first: the channel is not to be used from within its own call.
    var failures: [(Request, RequestFailure)] = []
    kernel.perform(requests) { failures.append(($0, $1)) }
    for (request, failure) in failures {
      if table.failed(request, failure) != .consequence {
        retry.complain(request.complaint(failure, systemText: failure.systemText))
      }
    }
  }

  /// Empties IPVS, of services of others too; what is wanted comes again with the next commit.
  func flush() {
    if let failure = kernel.perform(.flush) {
      log.info(Request(.flush).complaint(failure, systemText: failure.systemText))
    } else {
      table.forgetKernel()
    }
  }
}
