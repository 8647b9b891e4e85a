import EventLoop
import Firewall
import IPVS
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// Has nftables filter what is wanted to be filtered.
///
/// Each change is a transaction: all of it is done, or nothing. What the kernel would not do is
/// tried again while it is wanted, and what others take away is put back.
final class NFTablesFilter: FilterWriter {
  private let edge: any FilterEdge
  private let loop: EventLoop
  private let log: Log
  private var tables: FilterTables
  /// The transaction that failed last may be done in another way.
  private var isWorthAnother = false
  private var monitor: (source: any TableMonitor, watch: EventLoop.Watch)?
  /// How long what others take away is left alone, so that two programs which want one table do not
  /// take it from each other all the time.
  private var repairPause = Microseconds.zero
  private var repairedAt: Instant?
  private var repair: Alarm?
  private(set) lazy var retry = Retry(
    loop: loop, log: log, relief: "nftables holds all that is configured again",
    excess: "nftables: further errors are not logged until all is well",
    attempt: { [unowned self] in commit() })

  init(_ edge: any FilterEdge, _ settings: FilterSettings, loop: EventLoop, log: Log) {
    self.edge = edge
    self.loop = loop
    self.log = log
    tables = FilterTables(settings)
  }

  /// What is the same for all elements; tables that are there are made anew by the next change.
  var settings: FilterSettings {
    get { tables.settings }
    set { tables.settings = newValue }
  }

  // MARK: Wanting

  var owners: FilterOwners { tables.owners }

  func want(_ elements: [FilterElement], by owner: FilterOwners.Owner) {
    tables.want(elements, by: owner)
  }

  var postponesRemovals: Bool {
    get { tables.postponesRemovals }
    set { tables.postponesRemovals = newValue }
  }

  func keepRules(for possible: [FilterElement]) { tables.keepRules(for: possible) }

  func removeLeftovers(of possible: () -> [FilterElement]) {
    for family in [AddressFamily.ipv4, .ipv6] where !tables.isMade(family) {
      guard (try? edge.holdsTable(settings.name, family)) == true else { continue }
      log.info("Deleting old \(family == .ipv4 ? "ip" : "ip6") \(settings.name) table")
      do throws(NFTablesChannel.Failure) {
        try edge.perform([FilterRequest(settings.name, family, .deleteTable)])
      } catch { log.info("nftables: it cannot be deleted: \(error.reason.systemText)") }
    }
  }

  func finish() {
    repair?.cancel()
    tables.releaseAll()
    commit()
    retry.settle(isNeeded: false)
  }

  // MARK: Transactions

  func commit() {
    listen()
    for transaction in tables.transactions() where !perform(transaction) && isWorthAnother {
      // Nobody knows what is there, or less is asked for now: it is all made anew.
      isWorthAnother = false
      for transaction in tables.transactions() { _ = perform(transaction) }
    }
    retry.settle(isNeeded: tables.needsRetry)
    listen()
  }

  /// Whether it was done.
  private func perform(_ transaction: FilterTransaction) -> Bool {
    do throws(NFTablesChannel.Failure) {
      try edge.perform(transaction.requests)
      return true
    } catch {
      tables.failed(transaction.family)
      isWorthAnother = !transaction.isWhole || managesWithLess(error, transaction)
      if !isWorthAnother { complain(error, transaction) }
      return false
    }
  }

  /// A kernel may have no way to duplicate packets: what is wanted of it can be had without.
  private func managesWithLess(
    _ failure: NFTablesChannel.Failure, _ transaction: FilterTransaction
  ) -> Bool {
    guard let place = failure.place, case .makeRule(let rule) = transaction.requests[place].action,
      rule.duplicates
    else { return false }
    log.info(
      "nftables: this kernel cannot duplicate packets"
        + " - reports of group memberships on VMACs are dropped")
    tables.settings.duplicates = false
    return true
  }

  private func complain(_ failure: NFTablesChannel.Failure, _ transaction: FilterTransaction) {
    let request = failure.place.map { transaction.requests[$0] }
    let isWithoutFamily =
      request?.action == .makeTable
      && [.notSupported, .familyNotSupported].contains(failure.reason)
    let packets = transaction.family == .ipv4 ? "IPv4" : "IPv6"
    let what =
      isWithoutFamily
      ? "of this kernel has no \(packets) tables"
      : request.map { "\($0.title) error" } ?? "cannot be used"
    retry.complain(
      "nftables \(what): \(failure.reason.systemText)(\(failure.reason.rawValue))"
        + " - no \(packets) packets are filtered")
  }
}

// MARK: What others do

extension NFTablesFilter: ReadinessHandler {
  /// Listens for as long as there are tables of ours.
  private func listen() {
    if tables.isUsed, monitor == nil, let source = try? edge.openTableMonitor(),
      let watch = try? loop.watch(source.descriptor, self)
    {
      monitor = (source, watch)
    } else if !tables.isUsed, let monitor {
      loop.unwatchClosing(monitor.watch)
      self.monitor = nil
    }
  }

  /// A bounded number of datagrams a turn.
  func ready(_ readiness: Readiness, token: Int) {
    var families: Set<AddressFamily> = []
    for _ in 0..<256 {
      do throws(NetlinkMonitor.Failure) {
        guard let removals = try monitor?.source.receive() else { break }
        families.formUnion(removals.filter { $0.table == settings.name }.map(\.family))
      } catch {
        switch error {
        // Whatever it was may have concerned us.
        case .overrun: families = [.ipv4, .ipv6]
        case .failed(let error):
          log.info("nftables: error receiving on monitor socket - \(error)")
          return
        }
      }
    }
    let ours = [AddressFamily.ipv4, .ipv6].filter { families.contains($0) && tables.isMade($0) }
    if !ours.isEmpty { restore(ours) }
  }

  private func restore(_ families: [AddressFamily]) {
    for family in families { tables.doubt(family) }
    if repair != nil { return }
    let now = Clock.now
    if let last = repairedAt, now < last + max(repairPause * 2, Self.quietTime) {
      repairPause = min(max(repairPause * 2, Self.firstPause), Self.lastPause)
    } else {
      repairPause = .zero
    }
    let names = families.map { "\($0 == .ipv4 ? "ip" : "ip6") \(settings.name)" }
    let when = repairPause > .zero ? " in \(repairPause.count / 1_000_000) seconds" : ""
    log.info(
      "nftables: somebody has changed table \(names.joined(separator: " and "))"
        + " - restoring it\(when)")
    guard repairPause > .zero else { return repairNow() }
    repair = loop.after(repairPause) { [unowned self] in
      repair = nil
      repairNow()
    }
  }

  private func repairNow() {
    repairedAt = Clock.now
    commit()
  }

  private static let quietTime = Microseconds.seconds(10)
  private static let firstPause = Microseconds.seconds(1)
  private static let lastPause = Microseconds.seconds(30)
}
