import IPVS
import Primitives
import Testing

@Suite("Transactions of nftables")
struct MarkTablesTests {
  func element(_ last: UInt8, mark: UInt32 = 1000) -> MarkTable.Element {
    let address = Sample.address(last)
    return MarkTable.Element(addresses: address...address, ports: 80...80, mark: mark)
  }

  func table(_ maps: (TransportProtocol, [MarkTable.Element])...) -> MarkTable {
    MarkTable(
      MarkTable.Identity(name: "t", family: .ipv4),
      maps: maps.map { MarkTable.Map(transport: $0, elements: $1) })
  }

  func actions(_ tables: inout MarkTables) -> [MarkRequest.Action] {
    tables.transactions().flatMap { $0.requests.map(\.action) }
  }

  /// What replaces whatever is there.
  let renewal: [MarkRequest.Action] = [
    .makeTable, .deleteTable, .makeTable, .makeChain(priority: -1),
  ]

  @Test("A table is made whole in one transaction, and deleted in one")
  func life() {
    var tables = MarkTables()
    #expect(actions(&tables) == [])
    tables.want([table((.tcp, [element(1)]))])
    #expect(
      actions(&tables) == renewal + [
        .makeMap(.tcp, hasCounters: false), .makeRule(.tcp, hasCounter: false),
        .addElements(.tcp, [element(1)]),
      ])
    #expect(actions(&tables) == [])
    tables.want([])
    #expect(actions(&tables) == [.makeTable, .deleteTable])
    #expect(actions(&tables) == [])
  }

  @Test("A change is the difference: what goes goes first")
  func difference() {
    var tables = MarkTables()
    tables.want([table((.tcp, [element(1), element(2)]))])
    _ = actions(&tables)
    tables.want([
      table((.tcp, [element(2), element(1, mark: 5), element(3)]), (.udp, [element(1)]))
    ])
    #expect(
      actions(&tables) == [
        .deleteElements(.tcp, [element(1)]),
        .addElements(.tcp, [element(1, mark: 5), element(3)]),
        .makeMap(.udp, hasCounters: false), .makeRule(.udp, hasCounter: false),
        .addElements(.udp, [element(1)]),
      ])
  }

  @Test("A map that is no longer used is emptied, and filled again later")
  func emptied() {
    var tables = MarkTables()
    tables.want([table((.tcp, [element(1)]), (.udp, [element(1)]))])
    _ = actions(&tables)
    for _ in 0..<2 {
      tables.want([table((.tcp, [element(1)]))])
      #expect(actions(&tables) == [.deleteElements(.udp, [element(1)])])
      tables.want([table((.tcp, [element(1)]))])
      #expect(actions(&tables) == [])
      tables.want([table((.tcp, [element(1)]), (.udp, [element(1)]))])
      #expect(actions(&tables) == [.addElements(.udp, [element(1)])])
    }
  }

  @Test("Other settings make the table anew; another name deletes the old one")
  func settings() {
    var tables = MarkTables()
    var wanted = table((.tcp, []))
    tables.want([wanted])
    _ = actions(&tables)
    wanted.hasCounters = true
    tables.want([wanted])
    let whole: [MarkRequest.Action] =
      renewal + [.makeMap(.tcp, hasCounters: true), .makeRule(.tcp, hasCounter: true)]
    #expect(actions(&tables) == whole)
    wanted.identity.name = "u"
    tables.want([wanted])
    let requests = tables.transactions().flatMap(\.requests)
    #expect(requests.map(\.table.name) == ["t", "t"] + whole.map { _ in "u" })
  }

  @Test("What failed is made anew, each family by itself")
  func failures() {
    var tables = MarkTables()
    var sixth = table((.tcp, []))
    sixth.identity.family = .ipv6
    tables.want([table((.tcp, [element(1)])), sixth])
    #expect(tables.transactions().map(\.family) == [.ipv4, .ipv6])
    tables.failed(.ipv4)
    #expect(tables.needsRetry)
    #expect(tables.transactions().map(\.family) == [.ipv4])
    #expect(!tables.needsRetry)
    tables.want([table((.tcp, [element(2)])), sixth])
    #expect(actions(&tables).count == 2)
    tables.failed(.ipv4)
    #expect(Array(actions(&tables).prefix(4)) == renewal)
    tables.failed(.ipv4)
    tables.want([sixth])
    #expect(actions(&tables) == [.makeTable, .deleteTable])
    #expect(!tables.needsRetry)
  }

  @Test("What was never made needs no deletion")
  func neverMade() {
    var tables = MarkTables()
    tables.want([table((.tcp, [element(1)]))])
    _ = actions(&tables)
    tables.failed(.ipv4)
    tables.want([])
    #expect(actions(&tables) == [])
    #expect(!tables.needsRetry)
  }

  @Test("Many elements come in parts")
  func parts() {
    var tables = MarkTables()
    tables.want([table((.tcp, (1...100).map { element($0) }))])
    let counts = actions(&tables).compactMap { action in
      if case .addElements(_, let elements) = action { elements.count } else { nil }
    }
    #expect(counts == [32, 32, 32, 4])
  }
}
