import Firewall
import Primitives
import Testing

@Suite("What nftables shall hold")
struct FilterTablesTests {
  func address(_ text: String) throws -> FilterElement {
    .address(try #require(IPAddress(parsing: text)))
  }

  func linkLocal(_ text: String, on index: UInt32) throws -> FilterElement {
    let address = try #require(IPAddress(parsing: text)?.ipv6)
    return .linkLocal(address, on: FilterInterface(InterfaceIndex(rawValue: index), "eth\(index)"))
  }

  /// What is asked, without the tables' names.
  func actions(_ tables: inout FilterTables) -> [[FilterRequest.Action]] {
    tables.transactions().map { $0.requests.map(\.action) }
  }

  /// The sets that are added to, with how many elements, and those that are taken from.
  func changes(_ tables: inout FilterTables) -> [String] {
    actions(&tables).flatMap { $0 }.compactMap { action in
      switch action {
      case .addElements(let set, let entries): "+\(set.name) \(entries.count)"
      case .deleteElements(let set, let entries): "-\(set.name) \(entries.count)"
      case .makeTable, .deleteTable, .makeChain, .makeSet, .makeRule: nil
      }
    }
  }

  @Test("The first element makes a table, in one transaction, whatever was there before")
  func first() throws {
    var tables = FilterTables()
    #expect(actions(&tables) == [])
    let owner = FilterOwners.Owner(number: 1)
    tables.want([try address("10.0.0.1")], by: owner)
    let requests = tables.transactions().map(\.requests)
    #expect(requests.count == 1)
    #expect(
      requests.first?.map(\.title) == [
        "NFT_MSG_NEWTABLE ip keepalived", "NFT_MSG_DELTABLE ip keepalived",
        "NFT_MSG_NEWTABLE ip keepalived", "NFT_MSG_NEWCHAIN ip keepalived out priority -1",
        "NFT_MSG_NEWCHAIN ip keepalived in priority -1", "NFT_MSG_NEWSET ip keepalived vips",
        "NFT_MSG_NEWRULE ip keepalived in", "NFT_MSG_NEWRULE ip keepalived out",
        "NFT_MSG_NEWSETELEM ip keepalived vips, 1 elements",
      ])
    #expect(actions(&tables) == [])
  }

  @Test("Later ones are added and removed alone; the table stays without elements")
  func differences() throws {
    var tables = FilterTables()
    let owner = FilterOwners.Owner(number: 2)
    tables.want([try address("10.0.0.1"), try address("fd00::1")], by: owner)
    #expect(actions(&tables).count == 2)
    tables.want([try address("10.0.0.1"), try address("10.0.0.2")], by: owner)
    #expect(changes(&tables) == ["+vips 1", "-vips 1"])
    tables.want([], by: owner)
    #expect(changes(&tables) == ["-vips 2"])
    #expect(tables.isMade(.ipv4) && tables.isMade(.ipv6))
  }

  @Test("What two want stays until both let it go")
  func shared() throws {
    var tables = FilterTables()
    let owners = [FilterOwners.Owner(number: 3), FilterOwners.Owner(number: 4)]
    for owner in owners { tables.want([try address("10.0.0.1")], by: owner) }
    _ = actions(&tables)
    tables.want([], by: owners[0])
    #expect(actions(&tables) == [])
    tables.want([], by: owners[1])
    #expect(changes(&tables) == ["-vips 1"])
  }

  @Test("Within a change of several steps nothing that is wanted again is removed")
  func passedOn() throws {
    var tables = FilterTables()
    let owners = [FilterOwners.Owner(number: 5), FilterOwners.Owner(number: 6)]
    tables.want([try address("10.0.0.1"), try address("10.0.0.2")], by: owners[0])
    _ = actions(&tables)
    tables.postponesRemovals = true
    tables.want([], by: owners[0])
    #expect(actions(&tables) == [])
    tables.want([try address("10.0.0.1")], by: owners[1])
    #expect(actions(&tables) == [])
    tables.postponesRemovals = false
    #expect(changes(&tables) == ["-vips 1"])
  }

  @Test("Other settings make the table anew, in one transaction, with all its elements")
  func settings() throws {
    var tables = FilterTables()
    let owner = FilterOwners.Owner(number: 7)
    tables.want((1...40).map { .address(.ipv4(IPv4Address(10, 0, 0, $0))) }, by: owner)
    _ = actions(&tables)
    tables.settings.name = "other"
    tables.settings.priority = 5
    let titles = tables.transactions().flatMap(\.requests).map(\.title)
    #expect(
      titles.prefix(6) == [
        "NFT_MSG_NEWTABLE ip keepalived", "NFT_MSG_DELTABLE ip keepalived",
        "NFT_MSG_NEWTABLE ip other", "NFT_MSG_DELTABLE ip other", "NFT_MSG_NEWTABLE ip other",
        "NFT_MSG_NEWCHAIN ip other out priority 5",
      ])
    #expect(
      titles.suffix(2) == [
        "NFT_MSG_NEWSETELEM ip other vips, 32 elements",
        "NFT_MSG_NEWSETELEM ip other vips, 8 elements",
      ])
  }

  @Test("Link-local addresses get their sets when they are first used, in that order")
  func linkLocals() throws {
    var tables = FilterTables()
    let owners = [FilterOwners.Owner(number: 8), FilterOwners.Owner(number: 9)]
    tables.want([try linkLocal("fe80::1", on: 3)], by: owners[0])
    let made = actions(&tables).flatMap { $0 }.compactMap { action -> FilterSet? in
      if case .makeSet(let set, _) = action { set } else { nil }
    }
    #expect(made == [.vips, .neighborDiscovery, .vipsLinkLocal])
    let name = FilterElement.linkLocalByName(IPv6Address(high: 0xfe80 << 48, low: 2), on: "eth0")
    tables.want([name], by: owners[1])
    let added = actions(&tables).flatMap { $0 }
    #expect(added.first == .makeSet(.vipsLinkLocalName, key: [.ipv6Address, .interfaceName]))
    #expect(added.count == 4)
  }

  @Test("VMACs come first in the chain, even if they come later")
  func vmacs() throws {
    var tables = FilterTables()
    let owners = [FilterOwners.Owner(number: 10), FilterOwners.Owner(number: 11)]
    let index = FilterInterface(InterfaceIndex(rawValue: 7), "vrrp.7")
    let parent = InterfaceIndex(rawValue: 3)
    tables.want([.macvlan(.ipv6, index, parent: parent)], by: owners[0])
    #expect(changes(&tables) == ["+mld-report 2", "+vmac_map 1", "+vmac_set 1"])
    var late = FilterTables()
    late.want([try address("fd00::1")], by: owners[1])
    _ = actions(&late)
    late.want([.macvlan(.ipv6, index, parent: parent)], by: owners[0])
    let requests = actions(&late).flatMap { $0 }
    #expect(requests.prefix(2) == [.makeTable, .deleteTable])
    let rules = requests.compactMap { action -> Bool? in
      guard case .makeRule(let rule) = action else { return nil }
      return rule.expressions.contains(.lookup(.vmacSet, .second))
    }
    #expect(rules.firstIndex(of: true) == 2 && rules.count == 9)
  }

  @Test("Rules that nothing can need any more go; without any the table goes")
  func useless() throws {
    var tables = FilterTables()
    let owner = FilterOwners.Owner(number: 12)
    tables.want([try address("10.0.0.1"), try linkLocal("fe80::1", on: 3)], by: owner)
    _ = actions(&tables)
    tables.want([], by: owner)
    tables.keepRules(for: [try address("fd00::1")])
    #expect(actions(&tables).first == [.makeTable, .deleteTable])
    #expect(!tables.isMade(.ipv4) && tables.isMade(.ipv6))
    tables.releaseAll()
    #expect(actions(&tables) == [[.makeTable, .deleteTable]])
    #expect(!tables.isUsed)
  }

  @Test("After a failure all is made anew; before the first success there is nothing to remove")
  func failures() throws {
    var tables = FilterTables()
    let owner = FilterOwners.Owner(number: 13)
    tables.want([try address("10.0.0.1")], by: owner)
    #expect(tables.transactions().map(\.isWhole) == [true])
    tables.failed(.ipv4)
    #expect(tables.needsRetry && !tables.isMade(.ipv4))
    #expect(tables.transactions().map(\.isWhole) == [true])
    tables.want([], by: owner)
    #expect(tables.transactions().map(\.isWhole) == [false])
    tables.failed(.ipv4)
    #expect(tables.transactions().map(\.isWhole) == [true])
    #expect(!tables.needsRetry)
    tables.failed(.ipv4)
    tables.doubt(.ipv4)
    tables.releaseAll()
    #expect(tables.transactions().map(\.isWhole) == [true])

    var refused = FilterTables()
    refused.want([try address("10.0.0.1")], by: FilterOwners.Owner(number: 14))
    _ = refused.transactions()
    refused.failed(.ipv4)
    refused.releaseAll()
    #expect(refused.transactions().isEmpty)
  }

  @Test("Counters stand before each verdict")
  func counters() throws {
    var tables = FilterTables(FilterSettings(hasCounters: true))
    tables.want([try address("fd00::1")], by: FilterOwners.Owner(number: 15))
    let rules = tables.transactions().flatMap(\.requests).compactMap { request -> FilterRule? in
      if case .makeRule(let rule) = request.action { rule } else { nil }
    }
    #expect(rules.count == 6)
    for rule in rules { #expect(rule.expressions.dropLast().last == .counter) }
  }
}
