import CLinux
import Firewall
import IPVS
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

/// What the kernel holds, read again by nft, is what Debian's keepalived makes.
@Suite(
  "Packet filters of the kernel", .enabled(if: NetworkNamespace.isPossible, "needs root and nft"))
struct FilterKernelTests {
  private let here: NetworkNamespace
  private let channel: NFTablesChannel

  init() throws {
    here = try NetworkNamespace()
    channel = NFTablesChannel(namespaceFile: here.file)
    try here.run(
      """
      ip link add eth0 index 103 type veth peer name peer0
      ip link add eth1 index 105 type veth peer name peer1
      ip link add vrrp.51 index 151 link eth0 type macvlan mode private
      ip link add vrrp.52 index 152 link eth0 type macvlan mode private
      """)
  }

  func commit(_ tables: inout FilterTables) throws {
    for transaction in tables.transactions() { try channel.perform(transaction.requests) }
  }

  func index(_ number: UInt32) -> InterfaceIndex { InterfaceIndex(rawValue: number) }

  func interface(_ number: UInt32, _ name: String) -> FilterInterface {
    FilterInterface(index(number), name)
  }

  func addresses(_ texts: String...) throws -> [FilterElement] {
    try texts.map { .address(try #require(IPAddress(parsing: $0))) }
  }

  func linkLocal(_ text: String) throws -> IPv6Address {
    try #require(IPAddress(parsing: text)?.ipv6)
  }

  func vmacs() throws -> [FilterElement] {
    [
      .macvlan(.ipv4, interface(151, "vrrp.51"), parent: index(103)),
      .macvlan(.ipv6, interface(152, "vrrp.52"), parent: index(103)),
      .parentAddress(
        try linkLocal("fe80::487a:a1ff:fec9:ce82"), vmac: interface(152, "vrrp.52")),
    ]
  }

  @Test("VMACs and virtual addresses of both families are filtered")
  func all() throws {
    var tables = FilterTables()
    tables.want(try vmacs(), by: FilterOwners.Owner(number: 1))
    tables.want(
      try addresses("10.1.0.100", "10.1.0.101", "10.2.0.100", "2001:db8::1")
        + [.linkLocal(try linkLocal("fe80::1:1"), on: interface(152, "vrrp.52"))],
      by: FilterOwners.Owner(number: 2))
    try commit(&tables)
    #expect(try here.rules == Self.complete)
  }

  @Test(
    "Reports of groups on a VMAC leave by its parent, with the parent's address",
    .enabled(if: FileSystem.canExecute("/usr/bin/tcpdump"), "needs tcpdump"))
  func reports() throws {
    var tables = FilterTables(FilterSettings(hasCounters: true))
    tables.want(
      [
        .macvlan(.ipv4, interface(151, "vrrp.51"), parent: index(103)),
        .macvlan(.ipv6, interface(152, "vrrp.52"), parent: index(103)),
      ], by: FilterOwners.Owner(number: 1))
    try commit(&tables)
    let capture = try here.run(
      """
      for name in peer0 eth0 vrrp.51 vrrp.52; do ip link set $name up; done
      ip link set eth0 address 02:00:00:00:00:01
      timeout 4 tcpdump -lenqi peer0 igmp or icmp6 2>&1 & sleep 0.5
      ip address add 224.1.2.3/32 dev vrrp.51 autojoin
      ip address add fd00::1/64 dev vrrp.52 nodad
      wait
      """)
    let rules = try here.rules
    for family in ["ip", "ip6"] {
      let text = "dup to \(family) daddr device oif map @vmac_map counter packets "
      let rule = rules.split(separator: "\n").first { $0.contains(text) }
      #expect(rule.map { !$0.contains("packets 0") } == true)
    }
    let reports = capture.split(separator: "\n").filter {
      $0.contains("224.1.2.3") || $0.contains("igmp") || $0.contains("listener report")
    }
    #expect(!reports.isEmpty)
    #expect(reports.allSatisfy { $0.contains("02:00:00:00:00:01 >") }, "\(reports)")
  }

  @Test("Elements come and go, and the table in the end")
  func changes() throws {
    var tables = FilterTables(FilterSettings(name: "mytab", priority: 5, hasCounters: true))
    let owner = FilterOwners.Owner(number: 3)
    tables.want(try addresses("10.0.0.1", "10.0.0.2"), by: owner)
    try commit(&tables)
    tables.want(try addresses("10.0.0.2", "10.0.0.3"), by: owner)
    try commit(&tables)
    #expect(
      try here.rules == """
        table ip mytab {
        \tset vips {
        \t\ttype ipv4_addr
        \t\telements = { 10.0.0.2, 10.0.0.3 }
        \t}

        \tchain out {
        \t\ttype filter hook output priority filter + 5; policy accept;
        \t\tip saddr @vips counter packets 0 bytes 0 drop
        \t}

        \tchain in {
        \t\ttype filter hook input priority filter + 5; policy accept;
        \t\tip daddr @vips counter packets 0 bytes 0 drop
        \t}
        }

        """)
    tables.releaseAll()
    try commit(&tables)
    #expect(try here.rules == "")
  }

  @Test("Sets of names and of indices stand beside each other, in the order of their use")
  func names() throws {
    var tables = FilterTables()
    tables.want(
      [.linkLocalByName(try linkLocal("fe80::1:1"), on: "eth0")], by: FilterOwners.Owner(number: 4))
    try commit(&tables)
    tables.want(
      [.linkLocal(try linkLocal("fe80::1:2"), on: interface(105, "eth1"))],
      by: FilterOwners.Owner(number: 5))
    try commit(&tables)
    let rules = try here.rules
    for text in [
      "set vips_link_local_name {\n\t\ttype ipv6_addr . ifname\n"
        + "\t\telements = { fe80::1:1 . \"eth0\" }\n",
      "set vips_link_local {\n\t\ttype ipv6_addr . iface_index\n"
        + "\t\telements = { fe80::1:2 . \"eth1\" }\n",
      "chain in_link_local {\n\t\tip6 daddr . iifname @vips_link_local_name drop\n"
        + "\t\tip6 daddr . iif @vips_link_local drop\n\t}",
      "chain out_link_local {\n\t\tip6 saddr . oifname @vips_link_local_name drop\n"
        + "\t\tip6 saddr . oif @vips_link_local drop\n\t}",
    ] { #expect(rules.contains(text)) }
  }

  @Test("With nftables_ifindex the parent's address goes with an index")
  func indexes() throws {
    var tables = FilterTables(FilterSettings(usesIndexes: true))
    tables.want(
      [
        .macvlan(.ipv6, interface(152, "vrrp.52"), parent: index(103)),
        .parentAddress(try linkLocal("fe80::1"), vmac: interface(152, "vrrp.52")),
      ], by: FilterOwners.Owner(number: 6))
    try commit(&tables)
    let rules = try here.rules
    #expect(rules.contains("elements = { fe80::1 . \"vrrp.52\" }"))
    #expect(rules.contains("type ipv6_addr . iface_index"))
    #expect(rules.contains("ip6 saddr . oif @parent_link_local drop"))
    #expect(!rules.contains("chain in"))
  }

  @Test("What others take away is told, and nothing of what we do")
  func monitor() throws {
    let keeper = try NFTablesMonitorKeeper(here.file, channel)
    var tables = FilterTables()
    tables.want(try addresses("10.0.0.1", "fd00::1"), by: FilterOwners.Owner(number: 7))
    try commit(&tables)
    tables.doubt(.ipv4)
    try commit(&tables)
    #expect(try keeper.monitor.receive() == nil)
    try here.run("nft add table ip other; nft delete table ip other")
    #expect(try keeper.removals() == [NFTablesRemoval(table: "other", family: .ipv4)])
    try here.run("nft delete element ip keepalived vips '{ 10.0.0.1 }'")
    #expect(try keeper.removals() == [NFTablesRemoval(table: "keepalived", family: .ipv4)])
    try here.run("nft flush ruleset")
    #expect(
      try keeper.removals() == [
        NFTablesRemoval(table: "keepalived", family: .ipv4),
        NFTablesRemoval(table: "keepalived", family: .ipv6),
      ])
  }

  @Test("Four thousand elements are one transaction")
  func many() throws {
    var tables = FilterTables()
    let owner = FilterOwners.Owner(number: 8)
    tables.want(
      (0..<4000).map { .address(.ipv4(IPv4Address(bits: 0x0a00_0000 + $0))) }, by: owner)
    let start = Clock.now
    try commit(&tables)
    tables.want([], by: owner)
    try commit(&tables)
    #expect(Clock.now - start < .seconds(2))
    #expect(try here.rules.contains("set vips {\n\t\ttype ipv4_addr\n\t}"))
  }

  @Test("A table of a name is found or not")
  func found() throws {
    #expect(try !channel.holdsTable("keepalived", .ipv4))
    try here.run("nft add table ip keepalived")
    #expect(try channel.holdsTable("keepalived", .ipv4))
    #expect(try !channel.holdsTable("keepalived", .ipv6))
  }
}

/// A monitor in another network namespace than the tests'.
private final class NFTablesMonitorKeeper {
  let monitor: NFTablesMonitor

  init(_ file: String, _ channel: NFTablesChannel) throws {
    var opened: NFTablesMonitor?
    try Namespaces.insideNetwork(of: file) {
      opened = try? NFTablesMonitor(ignoring: channel)
    }
    monitor = try #require(opened)
  }

  /// All that is waiting, in order of family.
  func removals() throws -> [NFTablesRemoval] {
    var all: Set<NFTablesRemoval> = []
    while let some = try monitor.receive() { all.formUnion(some) }
    return all.sorted { $0.family == .ipv4 && $1.family == .ipv6 }
  }
}

extension FilterKernelTests {
  /// As Debian's keepalived 2.2.7 makes it, with the set and the rule for advertisements of the
  /// parent's address, and both types of reports, that 2.4.3 adds.
  static let complete = """
    table ip keepalived {
    \tmap vmac_map {
    \t\ttype iface_index : iface_index
    \t\telements = { "vrrp.51" : "eth0" }
    \t}

    \tset vips {
    \t\ttype ipv4_addr
    \t\telements = { 10.1.0.100, 10.1.0.101,
    \t\t\t     10.2.0.100 }
    \t}

    \tchain out {
    \t\ttype filter hook output priority filter - 1; policy accept;
    \t\tip protocol igmp meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop
    \t\tip saddr @vips drop
    \t}

    \tchain in {
    \t\ttype filter hook input priority filter - 1; policy accept;
    \t\tip daddr @vips drop
    \t}
    }
    table ip6 keepalived {
    \tset parent_link_local {
    \t\ttype ipv6_addr . ifname
    \t\telements = { fe80::487a:a1ff:fec9:ce82 . "vrrp.52" }
    \t}

    \tmap vmac_map {
    \t\ttype iface_index : iface_index
    \t\telements = { "vrrp.52" : "eth0" }
    \t}

    \tset vmac_set {
    \t\ttype iface_index
    \t\telements = { "vrrp.52" }
    \t}

    \tset mld-report {
    \t\ttype icmpv6_type
    \t\tflags constant
    \t\telements = { mld-listener-report,
    \t\t\t     mld2-listener-report }
    \t}

    \tset vips {
    \t\ttype ipv6_addr
    \t\telements = { 2001:db8::1 }
    \t}

    \tset neighbor-discovery {
    \t\ttype icmpv6_type
    \t\tflags constant
    \t\telements = { nd-neighbor-solicit,
    \t\t\t     nd-neighbor-advert }
    \t}

    \tset vips_link_local {
    \t\ttype ipv6_addr . iface_index
    \t\telements = { fe80::1:1 . "vrrp.52" }
    \t}

    \tchain out {
    \t\ttype filter hook output priority filter - 1; policy accept;
    \t\ticmpv6 type nd-neighbor-advert meta oifkind "macvlan" ip6 saddr . oifname \
    @parent_link_local drop
    \t\ticmpv6 type @mld-report meta oifkind "macvlan" dup to ip6 daddr device oif map \
    @vmac_map drop
    \t\ticmpv6 type nd-router-solicit meta oifkind "macvlan" oif @vmac_set drop
    \t\ticmpv6 type @neighbor-discovery accept
    \t\tip6 saddr fe80::/10 goto out_link_local
    \t\tip6 saddr @vips drop
    \t}

    \tchain in {
    \t\ttype filter hook input priority filter - 1; policy accept;
    \t\ticmpv6 type @neighbor-discovery accept
    \t\tip6 daddr fe80::/10 goto in_link_local
    \t\tip6 daddr @vips drop
    \t}

    \tchain in_link_local {
    \t\tip6 daddr . iif @vips_link_local drop
    \t}

    \tchain out_link_local {
    \t\tip6 saddr . oif @vips_link_local drop
    \t}
    }

    """
}
