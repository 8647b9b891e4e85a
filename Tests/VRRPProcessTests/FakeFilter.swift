import Firewall
import IPVS
import Kernel
import Primitives
import SystemIO

@testable import VRRPProcess

/// nftables that is not there: what its tables hold, and what was done to them.
final class FakeFilter: FilterEdge {
  /// What is in the sets of a table.
  struct Table: Equatable {
    var priority: Int32?
    var rules = 0
    var elements: [FilterSet: Set<FilterEntry>] = [:]
  }

  private(set) var tables: [NFTablesRemoval: Table] = [:]
  /// The transactions that were done.
  private(set) var transactions: [[FilterRequest]] = []
  /// Why a request is refused; nil: it is not.
  var refusal: (FilterRequest) -> RequestFailure? = { _ in nil }
  private let bell: EventCounter
  private var removals: [NFTablesRemoval] = []
  private(set) weak var monitor: FakeTableMonitor?

  init() throws(Errno) { bell = try EventCounter() }

  func perform(_ requests: [FilterRequest]) throws(NFTablesChannel.Failure) {
    var after = tables
    for (place, request) in requests.enumerated() {
      if let reason = refusal(request) ?? Self.apply(request, to: &after) {
        throw NFTablesChannel.Failure(place: place, reason: reason)
      }
    }
    tables = after
    transactions.append(requests)
  }

  private static func apply(
    _ request: FilterRequest, to tables: inout [NFTablesRemoval: Table]
  ) -> RequestFailure? {
    let key = NFTablesRemoval(table: request.table, family: request.family)
    if request.action == .makeTable {
      if tables[key] == nil { tables[key] = Table() }
      return nil
    }
    guard var table = tables[key] else { return .noEntry }
    switch request.action {
    case .makeTable: break
    case .deleteTable:
      tables[key] = nil
      return nil
    case .makeChain(_, let priority): table.priority = priority
    case .makeSet(let set, _): table.elements[set] = []
    case .makeRule: table.rules += 1
    case .addElements(let set, let entries):
      if table.elements[set] == nil { return .noEntry }
      table.elements[set]?.formUnion(entries)
    case .deleteElements(let set, let entries):
      if table.elements[set]?.isSuperset(of: entries) != true { return .noEntry }
      table.elements[set]?.subtract(entries)
    }
    tables[key] = table
    return nil
  }

  func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    tables[NFTablesRemoval(table: name, family: family)] != nil
  }

  func openTableMonitor() throws(Errno) -> any TableMonitor {
    let monitor = FakeTableMonitor(self, bell.descriptor.rawValue)
    self.monitor = monitor
    return monitor
  }

  fileprivate func take() -> [NFTablesRemoval]? {
    guard !removals.isEmpty else {
      _ = bell.take()
      return nil
    }
    defer { removals = [] }
    return removals
  }

  // MARK: As somebody else

  /// `nft flush ruleset`
  func flush() {
    removals += tables.keys
    tables = [:]
    bell.add()
  }

  /// It goes without a report.
  func loses(_ name: String, _ family: AddressFamily) {
    tables[NFTablesRemoval(table: name, family: family)] = nil
  }

  func leaves(_ name: String, _ family: AddressFamily) {
    tables[NFTablesRemoval(table: name, family: family)] = Table()
  }

  func table(_ family: AddressFamily, name: String = "keepalived") -> Table? {
    tables[NFTablesRemoval(table: name, family: family)]
  }

  /// How many addresses are dropped.
  func addressCount(_ family: AddressFamily) -> Int? {
    table(family)?.elements[.vips]?.count
  }
}

final class FakeTableMonitor: TableMonitor {
  private unowned let filter: FakeFilter
  let descriptor: Int32

  init(_ filter: FakeFilter, _ descriptor: Int32) {
    self.filter = filter
    self.descriptor = descriptor
  }

  func receive() throws(NetlinkMonitor.Failure) -> [NFTablesRemoval]? { filter.take() }
}
