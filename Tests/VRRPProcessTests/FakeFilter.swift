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
  var performed: () -> Void = {}
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
    performed()
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

  // MARK: iptables

  var iptables = IPTablesSupport.own
  /// The rules of each family, in the order in which they were added.
  private(set) var rules: [AddressFamily: [XTablesRule]] = [:]
  private(set) var sets: [IPSet: Set<IPSetEntry>] = [:]
  /// Chains that there are not.
  var missingChains: Set<String> = []
  var ruleRefusal: Errno?
  /// Sets of others, which cannot be destroyed.
  var foreignSets: Set<String> = []

  func change(
    _ changes: [XTablesChange], _ family: AddressFamily
  ) throws(XTablesChannel.Failure) {
    if let ruleRefusal { throw XTablesChannel.Failure(place: nil, reason: ruleRefusal) }
    var after = rules[family] ?? []
    for (place, change) in changes.enumerated() {
      switch change.operation {
      case .add: after.append(change.rule)
      case .remove:
        guard let index = after.firstIndex(of: change.rule) else {
          throw XTablesChannel.Failure(place: place, reason: .noEntry)
        }
        after.remove(at: index)
      case .removeAll: after.removeAll { $0 == change.rule }
      }
    }
    rules[family] = after
  }

  func holdsChain(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    !missingChains.contains(name)
  }

  func perform(_ requests: [IPSetRequest]) -> [Errno?] {
    requests.map { request in
      switch request {
      case .make(let set):
        if sets[set] != nil || foreignSets.contains(set.name) { return .exists }
        sets[set] = []
      case .destroy(let set):
        let isUsed = rules.values.joined().contains { $0.set?.name == set.name }
        if sets[set] == nil || isUsed { return .noEntry }
        sets[set] = nil
      case .add(let entry): sets[key(entry.set)]?.insert(entry)
      case .remove(let entry): sets[key(entry.set)]?.remove(entry)
      }
      return nil
    }
  }

  private func key(_ name: String) -> IPSet {
    sets.keys.first { $0.name == name } ?? IPSet(name: name, kind: .address, family: .ipv4)
  }

  func entries(_ name: String) -> [String]? {
    sets.first { $0.key.name == name }.map { set in
      set.value.map { entry in
        entry.interface.map { "\(entry.address)/\(entry.prefixLength),\($0)" } ?? "\(entry.address)"
      }.sorted()
    }
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
