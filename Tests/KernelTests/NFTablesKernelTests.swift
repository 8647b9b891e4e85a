import CLinux
import IPVS
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite(
  "nftables of the kernel", .enabled(if: NetworkNamespace.isPossible, "needs root and nft"))
struct NFTablesKernelTests {
  private let here: NetworkNamespace
  /// Where nft itself makes what is expected.
  private let model: NetworkNamespace
  private let channel: NFTablesChannel

  init() throws {
    here = try NetworkNamespace()
    model = try NetworkNamespace()
    channel = NFTablesChannel(namespaceFile: here.file)
  }

  func element(
    _ first: String, _ last: String, _ ports: ClosedRange<UInt16>, _ mark: UInt32
  ) throws -> MarkTable.Element {
    let first = try #require(IPAddress(parsing: first))
    let last = try #require(IPAddress(parsing: last))
    return MarkTable.Element(addresses: first...last, ports: ports, mark: mark)
  }

  func table(
    _ family: AddressFamily, _ maps: (TransportProtocol, [MarkTable.Element])...,
    hasCounters: Bool = true
  ) -> MarkTable {
    MarkTable(
      MarkTable.Identity(name: "keepalived_ipvs", family: family), hasCounters: hasCounters,
      maps: maps.map { MarkTable.Map(transport: $0, elements: $1) })
  }

  func commit(_ tables: inout MarkTables) throws {
    for (_, requests) in tables.transactions() { try channel.perform(requests) }
  }

  func elements() throws -> [MarkTable.Element] {
    [
      try element("10.0.0.1", "10.0.0.1", 80...80, 1000),
      try element("10.0.1.10", "10.0.1.12", 81...81, 1000),
      try element("10.0.4.8", "10.0.4.11", 83...83, 1000),
    ]
  }

  @Test("Tables are as nft makes them")
  func tables() throws {
    var tables = MarkTables()
    tables.want([
      table(
        .ipv4, (.tcp, try elements() + [try element("10.0.9.1", "10.0.9.1", 443...443, 1002)]),
        (.udp, [try element("10.0.0.1", "10.0.0.1", 0...65535, 1001)])),
      table(.ipv6, (.sctp, [try element("fd00:1::1", "fd00:1::8", 80...80, 1002)])),
    ])
    try commit(&tables)
    try model.load(
      """
      table ip keepalived_ipvs {
        map tcp_map {
          type ipv4_addr . inet_service : mark
          flags interval
          counter
          elements = { 10.0.0.1 . 80 : 1000, 10.0.1.10-10.0.1.12 . 81 : 1000,
            10.0.4.8/30 . 83 : 1000, 10.0.9.1 . 443 : 1002 }
        }
        map udp_map {
          type ipv4_addr . inet_service : mark
          flags interval
          counter
          elements = { 10.0.0.1 . 0-65535 : 1001 }
        }
        chain in {
          type filter hook input priority -1; policy accept;
          meta mark set ip daddr . tcp dport map @tcp_map counter return
          meta mark set ip daddr . udp dport map @udp_map counter return
        }
      }
      table ip6 keepalived_ipvs {
        map sctp_map {
          type ipv6_addr . inet_service : mark
          flags interval
          counter
          elements = { fd00:1::1-fd00:1::8 . 80 : 1002 }
        }
        chain in {
          type filter hook input priority -1; policy accept;
          meta mark set ip6 daddr . sctp dport map @sctp_map counter return
        }
      }
      """)
    let expected = try model.rules
    #expect(expected.contains("sctp_map"))
    #expect(try here.rules == expected)
    tables.want([])
    try commit(&tables)
    #expect(try here.rules == "")
  }

  @Test("A change is made element by element, and others keep what they count")
  func difference() throws {
    var tables = MarkTables()
    tables.want([table(.ipv4, (.udp, try elements()))])
    try commit(&tables)
    try here.run("ip link set lo up; ip address add 10.0.0.1/32 dev lo")
    try here.run("echo > /dev/udp/10.0.0.1/80")
    tables.want([
      table(
        .ipv4,
        (
          .udp,
          [
            try element("10.0.0.1", "10.0.0.1", 80...80, 1000),
            try element("10.0.1.11", "10.0.1.13", 81...81, 1001),
          ]
        ))
    ])
    try commit(&tables)
    let rules = try here.rules
    #expect(rules.contains("10.0.0.1 . 80 counter packets 1 bytes 29 : 0x000003e8"))
    #expect(rules.contains("10.0.1.11-10.0.1.13 . 81 counter packets 0 bytes 0 : 0x000003e9"))
    #expect(!rules.contains("10.0.1.10") && !rules.contains("10.0.4.8"))
  }

  @Test("Packets for a group have its mark behind the chain")
  func packets() throws {
    var tables = MarkTables()
    tables.want([
      table(
        .ipv4, (.udp, [try element("10.0.0.1", "10.0.0.3", 80...80, 1001)]), hasCounters: false),
      table(.ipv6, (.udp, [try element("fd00::1", "fd00::3", 80...80, 1002)])),
    ])
    try commit(&tables)
    try here.run(
      """
      ip link set lo up
      for a in 10.0.0.2/32 10.0.0.4/32 fd00::2/128; do ip address add $a dev lo nodad; done
      """)
    try here.load(
      """
      table inet count {
        chain in {
          type filter hook input priority 0
          meta mark 1001 counter
          meta mark 1002 counter
        }
      }
      """)
    try here.run(
      """
      for p in 10.0.0.2/80 10.0.0.2/81 10.0.0.4/80 fd00::2/80; do echo > /dev/udp/$p; done
      """)
    let rules = try here.rules
    #expect(rules.contains("meta mark 0x000003e9 counter packets 1 "))
    #expect(rules.contains("meta mark 0x000003ea counter packets 1 "))
  }

  @Test("What an earlier process left behind is replaced, tables of others stay")
  func remains() throws {
    try here.load(
      """
      add table ip keepalived_ipvs
      add chain ip keepalived_ipvs old
      add table ip other

      """)
    var tables = MarkTables()
    tables.want([table(.ipv4, (.tcp, try elements()))])
    try commit(&tables)
    let rules = try here.rules
    #expect(!rules.contains("old"))
    #expect(rules.contains("table ip other") && rules.contains("10.0.4.8/30"))
  }

  @Test("A transaction that is refused changes nothing, and says what was refused")
  func refused() throws {
    let identity = MarkTable.Identity(name: "t", family: .ipv4)
    let missing = MarkRequest(identity, .addElements(.tcp, try elements()))
    let failure = #expect(throws: NFTablesChannel.Failure.self) {
      try channel.perform([
        MarkRequest(identity, .makeTable), MarkRequest(identity, .makeChain(priority: 0)), missing,
      ])
    }
    #expect(failure?.place == 2)
    #expect(failure?.reason == .noEntry)
    #expect(try here.rules == "")
  }

  @Test("Somebody's deletion is noticed at the next change, and made good")
  func deleted() throws {
    var tables = MarkTables()
    tables.want([table(.ipv4, (.tcp, try elements()))])
    try commit(&tables)
    try here.run("nft flush ruleset")
    tables.want([table(.ipv4, (.tcp, Array(try elements().prefix(1))))])
    #expect(throws: NFTablesChannel.Failure.self) { try commit(&tables) }
    tables.failed(.ipv4)
    try commit(&tables)
    #expect(try here.rules.contains("10.0.0.1 . 80"))
    #expect(!tables.needsRetry)
  }

  @Test("Tens of thousands of elements are one transaction")
  func many() throws {
    let elements = (0..<20_000).map { number in
      let address = IPAddress.ipv4(IPv4Address(bits: 0x0a00_0000 + 2 * UInt32(number)))
      return MarkTable.Element(addresses: address...address, ports: 80...80, mark: 1)
    }
    var tables = MarkTables()
    tables.want([table(.ipv4, (.tcp, elements))])
    try commit(&tables)
    #expect(try here.run("nft list ruleset | grep -o ' . 80 ' | wc -l") == "20000\n")
  }
}
