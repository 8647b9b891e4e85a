import EventLoop
import Firewall
import IPVS
import Kernel
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing
import VRRP

@testable import ProcessFrame
@testable import VRRPProcess

@Suite("Packets that are filtered for virtual routers")
struct PacketFilterTests {
  typealias Bench = VRRPProcessTests.Bench

  static func instance(_ addresses: String = "10.0.0.1/24\n10.0.0.2", more: String = "no_accept")
    -> String
  {
    VRRPProcessTests.instance("A", addresses, more: more)
  }

  func filter(_ kernel: FakeFilter, _ loop: EventLoop, _ directory: ScratchDirectory)
    -> PacketFilter
  {
    PacketFilter(kernel, loop: loop, log: directory.log())
  }

  func addresses(_ last: UInt8...) -> [FilterElement] {
    last.map { .address(.ipv4(IPv4Address(10, 0, 0, $0))) }
  }

  // MARK: Routers

  @Test("A MASTER's addresses are dropped before they are there, and until they are gone")
  func order() throws {
    let bench = try Bench(Self.instance())
    var changesBefore: [Int] = []
    bench.kernel.tables.performed = { changesBefore.append(bench.kernel.changes.count) }
    let before = bench.kernel.changes.count
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.tables.addressCount(.ipv4) == 2)
    #expect(bench.addresses().count == 2)
    #expect(changesBefore == [before])
    bench.process.core.shutdown(at: Clock.now, into: &bench.process.effects.pending)
    bench.process.perform()
    #expect(bench.kernel.tables.addressCount(.ipv4) == 0)
    #expect(changesBefore == [before, bench.kernel.changes.count])
    bench.process.cleanUp()
    #expect(bench.kernel.tables.table(.ipv4) == nil)
  }

  @Test("Nothing is filtered for accept, nor for an owner")
  func accepted() throws {
    for more in ["accept", "", "priority 255\nno_accept"] {
      let bench = try Bench(Self.instance(more: more))
      #expect(try bench.becomesMaster("A"))
      #expect(bench.kernel.tables.transactions.isEmpty)
      #expect(!bench.child.logged.contains { $0.contains("firewall") })
    }
  }

  @Test("A strict instance accepts nothing unless it is told to; it says which filter is used")
  func strict() throws {
    let bench = try Bench(
      VRRPProcessTests.instance("A", "10.0.0.1/24", state: "BACKUP", more: "strict_mode true"))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.tables.addressCount(.ipv4) == 1)
    #expect(
      bench.child.logged.contains(
        "use_vmac or no_accept/strict specified, but no firewall configured - using nftables"))
  }

  @Test("A reload of a MASTER changes what is filtered, and nothing else")
  func reload() throws {
    let bench = try Bench(Self.instance(more: "accept"))
    #expect(try bench.becomesMaster("A"))
    try bench.reload(Self.instance())
    #expect(bench.kernel.tables.addressCount(.ipv4) == 2)
    try bench.reload(Self.instance("10.0.0.1/24\n10.0.0.3"))
    #expect(bench.kernel.tables.addressCount(.ipv4) == 2)
    try bench.reload(Self.instance(more: "accept"))
    #expect(bench.kernel.tables.table(.ipv4) == nil)
    #expect(bench.state("A") == .master)
  }

  @Test("Another priority, name or counters at a reload: a new table in one transaction")
  func settings() throws {
    let bench = try Bench(Self.instance())
    #expect(try bench.becomesMaster("A"))
    let before = bench.kernel.tables.transactions.count
    try bench.child.reload(
      "global_defs {\nnftables other\nnftables_priority 7\n}\n" + Self.instance())
    #expect(bench.kernel.tables.transactions.count == before + 1)
    #expect(bench.kernel.tables.table(.ipv4) == nil)
    let table = try #require(bench.kernel.tables.table(.ipv4, name: "other"))
    #expect(table.priority == 7 && table.elements[.vips]?.count == 2)
  }

  @Test("Addresses that one router passes on to another are dropped all the time")
  func passedOn() throws {
    func text(_ a: String, _ b: String) -> String {
      VRRPProcessTests.instance("A", a, more: "no_accept")
        + VRRPProcessTests.instance("B", id: 52, b, more: "no_accept")
    }
    let bench = try Bench(text("10.0.0.1\n10.0.0.2", "10.0.0.3"))
    #expect(try bench.becomesMaster("A", "B"))
    var counts: [Int] = []
    bench.kernel.tables.performed = {
      counts.append(bench.kernel.tables.addressCount(.ipv4) ?? -1)
    }
    try bench.reload(text("10.0.0.1", "10.0.0.2\n10.0.0.3"))
    #expect(counts == [])
    try bench.reload(text("10.0.0.1", "10.0.0.3"))
    #expect(counts == [2])
  }

  @Test("Link-local addresses go with their interface, or its name where nobody watches it")
  func linkLocals() throws {
    let lines = "fe80::1\nfe80::2 dev eth1\nfe80::3 dev eth1 no_track"
    func elements(_ more: String, globals: String = "") throws -> [FilterElement] {
      let bench = try Bench("")
      try bench.child.reload(
        "global_defs {\n\(globals)\n}\n" + Self.instance(lines, more: "no_accept\n\(more)"))
      let router = try #require(bench.process.routers.first)
      return bench.process.filterElements(of: router)
    }
    func address(_ low: UInt64) -> IPv6Address { IPv6Address(high: 0xfe80 << 48, low: low) }
    let eth0 = FilterInterface(InterfaceIndex(rawValue: 2), "eth0")
    let eth1 = FilterInterface(InterfaceIndex(rawValue: 3), "eth1")
    let byIndex: [FilterElement] = [
      .linkLocal(address(1), on: eth0), .linkLocal(address(2), on: eth1),
      .linkLocal(address(3), on: eth1),
    ]
    #expect(try elements("") == byIndex)
    #expect(
      try elements("dont_track_primary") == [
        .linkLocalByName(address(1), on: "eth0"), .linkLocal(address(2), on: eth1),
        .linkLocalByName(address(3), on: "eth1"),
      ])
    #expect(
      try elements("dont_track_primary", globals: "nftables\nnftables_ifindex") == byIndex)
  }

  @Test("With addresses that are kept the rules stay too (-V)")
  func kept() throws {
    let bench = try Bench(Self.instance()) { $0.keepsAddressesAtStop = true }
    #expect(try bench.becomesMaster("A"))
    bench.child.frame.stop()
    bench.process.cleanUp()
    #expect(bench.kernel.tables.addressCount(.ipv4) == 2)
  }

  @Test("A predecessor's tables go at the start, if there is something to be filtered")
  func leftovers() throws {
    let bench = try Bench(
      Self.instance("10.0.0.1", more: "accept"),
      prepare: { $0.tables.leaves("keepalived", .ipv4) })
    #expect(bench.kernel.tables.table(.ipv4) != nil)
    let heir = try Bench(
      Self.instance(),
      prepare: { kernel in
        kernel.tables.leaves("keepalived", .ipv4)
        kernel.tables.leaves("other", .ipv4)
      })
    #expect(heir.child.logged.contains("Deleting old ip keepalived table"))
    #expect(heir.kernel.tables.table(.ipv4, name: "other") != nil)
  }

  // MARK: What others do

  @Test("What somebody takes away is put back at once, with one line")
  func flushed() throws {
    let bench = try Bench(Self.instance("10.0.0.1", more: "no_accept"))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.tables.flush()
    #expect(try bench.child.turn { bench.kernel.tables.addressCount(.ipv4) == 1 })
    let line = "nftables: somebody has changed table ip keepalived - restoring it"
    #expect(bench.child.logged.count { $0 == line } == 1)
  }

  @Test("Who takes it away again and again has to wait longer and longer")
  func fight() throws {
    let directory = try ScratchDirectory()
    let loop = try EventLoop()
    let kernel = try FakeFilter()
    let filter = filter(kernel, loop, directory)
    filter.want(addresses(1), by: filter.newOwner())
    for _ in 0..<3 {
      kernel.flush()
      (filter.writer as? NFTablesFilter)?.ready(.readable, token: 0)
    }
    #expect(kernel.table(.ipv4) == nil)
    #expect(
      directory.logged == [
        "nftables: somebody has changed table ip keepalived - restoring it",
        "nftables: somebody has changed table ip keepalived - restoring it in 1 seconds",
      ])
  }

  @Test("What is gone without a word is made good by the next change")
  func gone() throws {
    let directory = try ScratchDirectory()
    let loop = try EventLoop()
    let kernel = try FakeFilter()
    let filter = filter(kernel, loop, directory)
    let owner = filter.newOwner()
    filter.want(addresses(1), by: owner)
    kernel.loses("keepalived", .ipv4)
    filter.want(addresses(1, 2), by: owner)
    #expect(kernel.addressCount(.ipv4) == 2)
    #expect(directory.logged == [])
  }

  // MARK: Failures

  @Test("What the kernel refuses is told once, tried again, and does not keep IPv6 from working")
  func refused() throws {
    let directory = try ScratchDirectory()
    let loop = try EventLoop()
    let kernel = try FakeFilter()
    kernel.refusal = { $0.family == .ipv4 ? .notSupported : nil }
    let filter = filter(kernel, loop, directory)
    let owner = filter.newOwner()
    let address = FilterElement.address(.ipv6(IPv6Address(high: 0xfd00 << 48, low: 1)))
    filter.want(addresses(1) + [address], by: owner)
    filter.want(addresses(1, 2) + [address], by: owner)
    #expect(
      directory.logged == [
        "nftables of this kernel has no IPv4 tables: Operation not supported(95)"
          + " - no IPv4 packets are filtered"
      ])
    #expect(kernel.addressCount(.ipv6) == 1)
    kernel.refusal = { _ in nil }
    (filter.writer as? NFTablesFilter)?.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.addressCount(.ipv4) == 2)
    #expect(directory.logged.last == "nftables holds all that is configured again")
    filter.writer.finish()
    #expect(kernel.tables.isEmpty)
  }

  // MARK: VMACs

  func vmac(_ families: Set<AddressFamily>, index: UInt32 = 7) -> VirtualLinkReport {
    VirtualLinkReport(
      name: "vrrp.51", families: families, isFiltered: true,
      index: InterfaceIndex(rawValue: index), parentIndex: InterfaceIndex(rawValue: 3),
      parentLinkLocal: .ipv6(IPv6Address(high: 0xfe80 << 48, low: 9)))
  }

  @Test("A VMAC comes, is made anew, and goes")
  func vmacs() throws {
    let directory = try ScratchDirectory()
    let kernel = try FakeFilter()
    let filter = filter(kernel, try EventLoop(), directory)
    filter.virtualLinksCame([vmac([.ipv4, .ipv6])])
    for family in [AddressFamily.ipv4, .ipv6] {
      #expect(kernel.table(family)?.elements[.vmacMap]?.map(\.key) == [[7, 0, 0, 0]])
    }
    let parent = kernel.table(.ipv6)?.elements[.parentLinkLocal]?.first?.key
    #expect(
      parent?.prefix(2) == [0xfe, 0x80] && parent?.suffix(16).prefix(4) == Array("vrrp".utf8)[...])
    filter.virtualLinksCame([vmac([.ipv6], index: 8)])
    #expect(kernel.table(.ipv4)?.elements[.vmacMap] == [])
    #expect(kernel.table(.ipv6)?.elements[.vmacSet]?.map(\.key) == [[8, 0, 0, 0]])
    filter.virtualLinksGo([vmac([.ipv6])])
    filter.virtualLinksGo([vmac([.ipv6])])
    #expect(kernel.table(.ipv6)?.elements[.vmacMap] == [])
  }

  @Test("What is filtered already is nothing that a predecessor left")
  func noLeftovers() throws {
    let kernel = try FakeFilter()
    kernel.leaves("keepalived", .ipv6)
    let filter = filter(kernel, try EventLoop(), try ScratchDirectory())
    filter.virtualLinksCame([vmac([.ipv4])])
    filter.writer.removeLeftovers { [] }
    #expect(kernel.table(.ipv4) != nil && kernel.table(.ipv6) == nil)
    for sets in [nil, IPSetNames()] {
      let settings = XTablesSettings(inputChain: "INPUT", outputChain: "OUTPUT", sets: sets)
      filter.use(.iptables(settings))
      filter.writer.removeLeftovers { addresses(1) }
      #expect(kernel.rules[.ipv4]?.count == 1)
    }
  }

  @Test("A kernel that cannot duplicate packets drops those reports; addresses are dropped too")
  func noDuplicates() throws {
    let directory = try ScratchDirectory()
    let kernel = try FakeFilter()
    kernel.refusal = { request in
      if case .makeRule(let rule) = request.action, rule.duplicates { .noEntry } else { nil }
    }
    let filter = filter(kernel, try EventLoop(), directory)
    filter.virtualLinksCame([vmac([.ipv4])])
    filter.want(addresses(1), by: filter.newOwner())
    #expect(kernel.table(.ipv4)?.rules == 3)
    #expect(kernel.addressCount(.ipv4) == 1)
    #expect(
      directory.logged == [
        "nftables: this kernel cannot duplicate packets"
          + " - reports of group memberships on VMACs are dropped"
      ])
  }

  @Test("Without reports of local groups there is no table of IPv4 for them")
  func noLocalIGMP() throws {
    let kernel = try FakeFilter()
    let filter = filter(kernel, try EventLoop(), try ScratchDirectory())
    filter.disablesLocalIGMP = true
    filter.virtualLinksCame([vmac([.ipv4, .ipv6])])
    #expect(kernel.table(.ipv4) == nil && kernel.table(.ipv6) != nil)
  }
}
