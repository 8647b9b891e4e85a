import Configuration
import EventLoop
import Firewall
import Kernel
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing
import VRRP

@testable import ProcessFrame
@testable import VRRPProcess

@Suite("Packets that iptables filters for virtual routers")
struct XTablesWriterTests {
  let directory: ScratchDirectory
  let loop: EventLoop
  let kernel: FakeFilter
  let filter: PacketFilter

  init() throws {
    directory = try ScratchDirectory()
    loop = try EventLoop()
    kernel = try FakeFilter()
    filter = PacketFilter(kernel, loop: loop, log: directory.log())
  }

  func use(sets: IPSetNames?, input: String? = "INPUT", output: String? = "OUTPUT") {
    filter.use(.iptables(XTablesSettings(inputChain: input, outputChain: output, sets: sets)))
  }

  static let ipv4 = FilterElement.address(.ipv4(IPv4Address(10, 0, 0, 1)))
  static let other = FilterElement.address(.ipv4(IPv4Address(10, 0, 0, 2)))
  static let ipv6 = FilterElement.address(.ipv6(IPv6Address(high: 0xfd00 << 48, low: 1)))
  static let linkLocal = FilterElement.linkLocal(
    IPv6Address(high: 0xfe80 << 48, low: 1),
    on: FilterInterface(InterfaceIndex(rawValue: 7), "eth0"))
  static let vmac = FilterInterface(InterfaceIndex(rawValue: 8), "vrrp.51")

  @Test("Addresses come into sets, and the rules that look at them are added once")
  func sets() throws {
    use(sets: IPSetNames())
    let owner = filter.newOwner()
    filter.want([Self.ipv4, Self.ipv6, Self.linkLocal], by: owner)
    #expect(kernel.entries("keepalived") == ["10.0.0.1"])
    #expect(kernel.entries("keepalived6") == ["fd00::1"])
    #expect(kernel.entries("keepalived_if6") == ["fe80::1/128,eth0"])
    #expect(kernel.rules[.ipv4]?.count == 2)
    #expect(kernel.rules[.ipv6]?.count == 12)
    filter.want([Self.ipv4, Self.other], by: owner)
    #expect(kernel.entries("keepalived") == ["10.0.0.1", "10.0.0.2"])
    #expect(kernel.entries("keepalived6") == [])
    #expect(kernel.rules[.ipv4]?.count == 2)
    filter.writer.finish()
    #expect(kernel.sets.isEmpty && kernel.rules.values.allSatisfy(\.isEmpty))
    #expect(directory.logged == [])
  }

  @Test("VMACs are in sets of their own")
  func vmacs() throws {
    use(sets: IPSetNames(["mine"]))
    filter.want(
      [
        .macvlan(.ipv4, Self.vmac, parent: InterfaceIndex(rawValue: 7)),
        .macvlan(.ipv6, Self.vmac, parent: InterfaceIndex(rawValue: 7)),
        .parentAddress(IPv6Address(high: 0xfe80 << 48, low: 9), vmac: Self.vmac),
      ], by: filter.newOwner())
    #expect(kernel.entries("mine_igmp") == ["0.0.0.0/0,vrrp.51"])
    #expect(kernel.entries("mine_mld") == ["::/0,vrrp.51"])
    #expect(kernel.entries("mine_nd") == ["fe80::9/128,vrrp.51"])
    #expect(kernel.rules[.ipv4]?.map(\.protocolNumber) == [2])
    #expect(kernel.rules[.ipv6]?.map(\.icmpv6Type) == [143, 131, 136])
  }

  @Test("Without sets each address has rules of its own")
  func single() throws {
    use(sets: nil, output: nil)
    let owner = filter.newOwner()
    filter.want([Self.ipv4, Self.linkLocal], by: owner)
    #expect(kernel.rules[.ipv4]?.map(\.destination) == [.ipv4(IPv4Address(10, 0, 0, 1))])
    #expect(kernel.rules[.ipv6]?.map(\.interface) == ["eth0", "eth0", "eth0"])
    #expect(kernel.rules[.ipv6]?.map(\.accepts) == [true, true, false])
    filter.want([Self.other], by: owner)
    #expect(kernel.rules[.ipv4]?.map(\.destination) == [.ipv4(IPv4Address(10, 0, 0, 2))])
    #expect(kernel.rules[.ipv6] == [])
  }

  @Test("A set that somebody else uses is left alone: single rules are used instead")
  func foreignSet() throws {
    kernel.foreignSets = ["keepalived"]
    use(sets: IPSetNames())
    filter.want([Self.ipv4, Self.ipv6], by: filter.newOwner())
    #expect(
      directory.logged == ["ipset keepalived already exists - using a rule for each address"])
    #expect(kernel.rules[.ipv4]?.map(\.set) == [nil, nil])
    #expect(kernel.entries("keepalived6") == ["fd00::1"])
  }

  @Test("What a killed predecessor left is replaced", arguments: [true, false])
  func leftovers(hasSets: Bool) throws {
    use(sets: hasSets ? IPSetNames() : nil)
    filter.want([Self.ipv4, Self.ipv6], by: filter.newOwner())
    let rules = kernel.rules
    let heir = PacketFilter(kernel, loop: loop, log: directory.log())
    heir.use(filter.method)
    heir.writer.removeLeftovers { [Self.ipv4, Self.ipv6] }
    #expect(kernel.sets.isEmpty && kernel.rules.values.allSatisfy(\.isEmpty))
    heir.want([Self.ipv4, Self.ipv6], by: heir.newOwner())
    #expect(kernel.rules == rules)
  }

  @Test("Without its chain nothing is filtered, which is told")
  func noChain() throws {
    kernel.missingChains = ["FW"]
    use(sets: IPSetNames(), output: "FW")
    filter.want([Self.ipv4], by: filter.newOwner())
    #expect(
      directory.logged == [
        "iptables chain FW doesn't exist", "ip6tables chain FW doesn't exist",
      ])
    #expect(kernel.rules.isEmpty && kernel.sets.isEmpty)
  }

  @Test("What could not be done is told once, and made anew")
  func refused() throws {
    use(sets: IPSetNames())
    kernel.ruleRefusal = .again
    let owner = filter.newOwner()
    filter.want([Self.ipv4], by: owner)
    filter.want([Self.ipv4, Self.other], by: owner)
    #expect(
      directory.logged == [
        "iptables error: Resource temporarily unavailable(11) - IPv4 is not filtered"
      ])
    kernel.ruleRefusal = nil
    (filter.writer as? XTablesWriter)?.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.entries("keepalived") == ["10.0.0.1", "10.0.0.2"])
    #expect(kernel.rules[.ipv4]?.count == 2)
    #expect(directory.logged.last == "iptables holds all that is configured again")
  }

  @Test("Another method takes over what is wanted")
  func methods() throws {
    use(sets: IPSetNames())
    filter.want([Self.ipv4], by: filter.newOwner())
    filter.use(.nftables(FilterSettings()))
    #expect(kernel.addressCount(.ipv4) == 1)
    #expect(kernel.sets.isEmpty && kernel.rules.values.allSatisfy(\.isEmpty))
  }

  @Test("Names of sets that are not given are derived")
  func names() {
    let standard = IPSetNames()
    #expect(standard.ipv6 == "keepalived6" && standard.ipv6Interface == "keepalived_if6")
    let given = IPSetNames(["a", "b6", "c"])
    #expect([given.ipv6, given.ipv6Interface, given.igmp] == ["b6", "c", "a_igmp"])
    let long = IPSetNames([String(repeating: "x", count: 31)])
    #expect(long.igmp == String(repeating: "x", count: 26) + "_igmp")
  }

  // MARK: Choice

  func choice(
    _ change: (inout GlobalDefinitions) -> Void, kernel release: String = "6.1.0",
    _ support: IPTablesSupport = .own
  ) -> (method: PacketFilter.Method, remark: String?) {
    var global = GlobalDefinitions()
    change(&global)
    return FilterPolicy.method(global, isNeeded: true, kernel: release, iptables: { support })
  }

  @Test("iptables is used if it is configured, and is not nftables")
  func chosen() {
    let chains = GlobalDefinitions.IPTables(input: "IN", output: nil)
    let own = choice { $0.iptables = chains }
    #expect(
      own.method
        == .iptables(XTablesSettings(inputChain: "IN", outputChain: nil, sets: IPSetNames())))
    #expect(own.remark == nil)
    let both = choice {
      $0.iptables = chains
      $0.nftables = GlobalDefinitions.NFTables(table: "t")
    }
    #expect(both.method == .nftables(FilterSettings(name: "t")))
    #expect(
      both.remark == "Both iptables and nftables have been specified - ignoring iptables")
    let other = choice({ $0.iptables = chains }, .byNFTables)
    #expect(
      other.remark
        == "Not using iptables since iptables uses nf_tables - please update configuration")
    #expect(choice({ $0.iptables = chains }, .missing).method == .nftables(FilterSettings()))
  }

  @Test("Before Linux 3.13 sets are not used in a namespace, unless that is configured")
  func oldKernel() {
    func hasSets(_ isAllowed: Bool, _ release: String) -> Bool {
      let choice = choice(
        {
          $0.iptables = GlobalDefinitions.IPTables(input: "IN", output: nil)
          $0.netNamespace = "x"
          $0.namespaceWithIPSets = isAllowed
        }, kernel: release)
      guard case .iptables(let settings) = choice.method else { return false }
      return settings.sets != nil
    }
    #expect(!hasSets(false, "3.12.9-1"))
    #expect(hasSets(true, "3.12.9-1"))
    #expect(hasSets(false, "3.13.0") && hasSets(false, "6.18.44-fc"))
  }
}
