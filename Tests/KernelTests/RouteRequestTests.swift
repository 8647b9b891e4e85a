import Primitives
import SystemTestSupport
import Testing

@testable import Kernel

private func text(_ request: NetlinkRequest) -> String {
  request.bytes(sequence: 1).map { hex($0) }.joined()
}

private func joined(_ parts: [String]) -> String { parts.joined().filter { $0 != " " } }

private func prefix(_ text: String) throws -> RouteAssignment.Prefix {
  let parts = text.split(separator: "/")
  let address = try #require(IPAddress(parsing: String(parts[0])))
  return RouteAssignment.Prefix(address, try #require(UInt8(parts[1])))
}

private func address(_ text: String) throws -> IPAddress {
  try #require(IPAddress(parsing: text))
}

// Bytes as iproute2 and keepalived 2.2.7 send them, read with strace; numbers are in the byte order
// of a little-endian machine.
@Suite("Requests for routes")
struct RouteRequestTests {
  @Test("A route through a gateway is added before others")
  func plain() throws {
    var route = RouteAssignment(to: try prefix("192.0.2.0/24"), origin: 18)
    route.hop.gateway = try address("10.1.0.254")
    route.hop.interface = InterfaceIndex(rawValue: 7)
    #expect(
      text(route.addition)
        == joined([
          "34000000 1800 0104 01000000 00000000",  // RTM_NEWROUTE, REQUEST and CREATE
          "02 18 00 00 fe 12 00 01 00000000",  // AF_INET, /24, main, keepalived, universe, unicast
          "0800 0100 c0000200", "0800 0500 0a0100fe", "0800 0400 07000000",
        ]))
    #expect(
      text(route.removal)
        == joined([
          "34000000 1900 0100 01000000 00000000",
          "02 18 00 00 fe 12 ff 01 00000000",  // any scope
          "0800 0100 c0000200", "0800 0500 0a0100fe", "0800 0400 07000000",
        ]))
  }

  @Test("Where it goes among others is in the flags")
  func placement() throws {
    var route = RouteAssignment(to: try prefix("192.0.2.0/24"), origin: 18)
    func flags(_ request: NetlinkRequest) -> [UInt8] { Array(request.bytes(sequence: 1)[6..<8]) }
    #expect(flags(route.replacement) == [0x01, 0x05])
    route.placement = .append
    #expect(flags(route.addition) == [0x01, 0x0c])
    route.placement = .exclusive
    #expect(flags(route.addition) == [0x01, 0x06])
    #expect(flags(route.removal) == [0x01, 0x00])
  }

  @Test("Everything that is no metric stands in its order, tables above 255 in an attribute")
  func all() throws {
    var route = RouteAssignment(to: try prefix("2001:db8::/32"), origin: 4)
    route.type = 7
    route.source = try prefix("2001:db8:1::/48")
    route.preferredSource = try address("2001:db8::1")
    route.hop.realms = 0x5_0006
    route.hop.isOnLink = true
    route.table = 1000
    route.tos = 0x10
    route.scope = 253
    route.metric = 9
    route.expires = 100
    route.preference = 1
    route.propagatesTTL = false
    #expect(
      text(route.addition)
        == joined([
          "88000000 1800 0104 01000000 00000000",
          "0a 20 30 10 00 04 fd 07 04000000",
          "0800 0f00 e8030000",  // RTA_TABLE
          "1400 0100 20010db8 00000000 00000000 00000000",
          "1400 0200 20010db8 00010000 00000000 00000000",
          "1400 0700 20010db8 00000000 00000000 00000001",  // RTA_PREFSRC
          "0800 0600 09000000",  // RTA_PRIORITY
          "0800 0b00 06000500",  // RTA_FLOW
          "0800 1700 64000000",  // RTA_EXPIRES
          "0500 1400 01000000",  // RTA_PREF
          "0500 1a00 00000000",  // RTA_TTL_PROPAGATE
        ]))
    // What the kernel need not be told to find it is left out.
    #expect(text(route.removal).hasSuffix("0800060009000000"))
  }

  @Test("Metrics are nested, their locks last; locks alone say nothing")
  func metrics() throws {
    var route = RouteAssignment(to: try prefix("192.0.7.0/24"), origin: 18)
    route.lockedMetrics = 1 << 2
    let head = "02 18 00 00 fe 12 00 01 00000000 0800 0100 c0000700"
    #expect(text(route.addition) == joined(["24000000 1800 0104 01000000 00000000", head]))
    route.metrics = [.init(kind: 2, value: 1400), .init(kind: 8, value: 1300)]
    route.congestionControl = "reno"
    #expect(
      text(route.addition)
        == joined([
          "4c000000 1800 0104 01000000 00000000", head,
          "2800 0880",  // RTA_METRICS, nested
          "0800 0200 78050000", "0800 0800 14050000", "0900 1000 72656e6f 00 000000",
          "0800 0100 04000000",  // RTAX_LOCK
        ]))
  }

  @Test("Each hop has its length, its share less one, and attributes of its own")
  func multipath() throws {
    var route = RouteAssignment(to: try prefix("192.0.3.0/24"), origin: 18)
    route.hops = try [("10.1.0.2", 1), ("10.1.0.3", 5)].map { gateway, weight in
      var hop = RouteAssignment.Hop()
      hop.gateway = try address(gateway)
      hop.weight = UInt16(weight)
      return hop
    }
    route.hops[1].realms = 3
    route.hops[1].isOnLink = true
    let parts = [
      "02 18 00 00 fe 12 00 01 00000000", "0800 0100 c0000300",
      "2c00 0980",  // RTA_MULTIPATH, nested
      "1000 00 00 00000000", "0800 0500 0a010002",
      "1800 04 04 00000000", "0800 0500 0a010003", "0800 0b00 03000000",
    ]
    #expect(
      text(route.addition) == joined(["50000000 1800 0104 01000000 00000000"] + parts))
  }

  @Test("Hundreds of hops fit")
  func manyHops() throws {
    var route = RouteAssignment(to: try prefix("2001:db8::/32"), origin: 18)
    var hop = RouteAssignment.Hop()
    hop.gateway = try address("fe80::1")
    var tunnel = RouteAssignment.Tunnel()
    tunnel.id = 5
    tunnel.destination = try address("2001:db8::9")
    tunnel.source = try address("2001:db8::8")
    hop.encapsulation = .ip6(tunnel)
    route.hops = Array(repeating: hop, count: 256)
    let bytes = route.addition.bytes(sequence: 1)
    // Header, route, destination, and 256 of hop, gateway, tunnel and its type.
    #expect(bytes.count == 16 + 12 + 20 + 4 + 256 * (8 + 20 + 4 + 12 + 20 + 20 + 8))
    #expect(Array(bytes.suffix(4)) == [4, 0, 0, 0])
  }

  @Test(
    "Tunnels",
    arguments: [
      (
        "ip",
        "3000 1680 0c00 0100 0000000000000005 0800 0200 0a090909"
          + "0500 0500 10 000000 0500 0400 04 000000 0600 0600 0300 0000 0600 1500 0200 0000"
      ),
      (
        "ip6",
        "2c00 1680 0c00 0100 0000000000000005 1400 0200 20010db8000000000000000000000009"
          + "0500 0400 04 000000 0600 1500 0400 0000"
      ),
      ("mpls", "1000 1680 0c00 0100 00064000 000c8100 0600 1500 0100 0000"),
      ("ila", "1000 1680 0c00 0100 0001000200030004 0600 1500 0300 0000"),
    ])
  func tunnel(name: String, expected: String) throws {
    var tunnel = RouteAssignment.Tunnel()
    tunnel.id = 5
    tunnel.hopLimit = 4
    var route = RouteAssignment(to: try prefix("192.0.9.0/24"), origin: 18)
    switch name {
    case "ip":
      tunnel.destination = try address("10.9.9.9")
      tunnel.trafficClass = 0x10
      tunnel.flags = 3
      route.hop.encapsulation = .ip(tunnel)
    case "ip6":
      tunnel.destination = try address("2001:db8::9")
      route.hop.encapsulation = .ip6(tunnel)
    case "mpls": route.hop.encapsulation = .mpls([100, 200])
    default: route.hop.encapsulation = .ila(0x1_0002_0003_0004)
    }
    #expect(text(route.addition).hasSuffix(joined([expected])))
  }
}

@Suite("Requests for rules")
struct RuleRequestTests {
  /// With something in each place.
  static func full() throws -> RuleAssignment {
    var rule = RuleAssignment(.ipv4, .table(1000), priority: 101)
    rule.source = try prefix("10.1.0.0/16")
    rule.destination = try prefix("10.2.0.0/16")
    rule.isInverted = true
    rule.tos = 0x10
    rule.mark = 5
    rule.markMask = 255
    rule.realms = 3
    rule.suppressedPrefixLength = 3
    rule.suppressedGroup = 2
    rule.inputDevice = "eth0"
    rule.outputDevice = "eth1"
    rule.tunnelID = 7
    rule.users = 3...4
    rule.ipProtocol = 6
    rule.sourcePorts = 1...2
    rule.destinationPorts = 80...90
    rule.origin = 18
    return rule
  }

  @Test("A rule with a small table and little else")
  func plain() throws {
    var rule = RuleAssignment(.ipv4, .table(100), priority: 100)
    rule.source = try prefix("10.0.0.0/8")
    rule.origin = 18
    let body = [
      "02 00 08 00 64 00 00 01 00000000",  // AF_INET, from /8, table 100, FR_ACT_TO_TBL
      "0800 0200 0a000000", "0800 0600 64000000", "0500 1500 12 000000",
    ]
    #expect(
      text(rule.addition) == joined(["34000000 2000 0106 01000000 00000000"] + body))
    #expect(
      text(rule.removal) == joined(["34000000 2100 0100 01000000 00000000"] + body))
  }

  @Test("Everything stands in its order")
  func all() throws {
    #expect(
      text(try Self.full().removal)
        == joined([
          "b4000000 2100 0100 01000000 00000000",
          "02 10 10 10 00 00 00 01 02000000",  // FIB_RULE_INVERT
          "0800 0f00 e8030000",  // FRA_TABLE
          "0800 0200 0a010000", "0800 0100 0a020000", "0800 0600 65000000",
          "0800 0a00 05000000", "0800 1000 ff000000",  // mark and mask
          "0800 0b00 03000000", "0800 0e00 03000000", "0800 0d00 02000000",
          "0900 0300 65746830 00 000000", "0900 1100 65746831 00 000000",
          "0c00 0c00 0000000000000007", "0c00 1400 03000000 04000000",
          "0500 1500 12 000000", "0500 1600 06 000000",
          "0800 1700 0100 0200", "0800 1800 5000 5a00",
        ]))
  }

  @Test(
    "Actions",
    arguments: [
      (RuleAssignment.Action.goto(200), 2, "0800 0400 c8000000"), (.nop, 3, ""),
      (.blackhole, 6, ""),
      (.unreachable, 7, ""), (.prohibit, 8, ""),
    ])
  func actions(action: RuleAssignment.Action, number: UInt8, end: String) throws {
    let rule = RuleAssignment(.ipv6, action, priority: 1)
    let bytes = rule.addition.bytes(sequence: 1)
    #expect(bytes[16] == 10 && bytes[20] == 0 && bytes[23] == number)
    #expect(text(rule.addition).hasSuffix(joined(["0500150000000000", end])))
  }

  @Test("A rule of VRFs has no table")
  func vrf() {
    var rule = RuleAssignment(.ipv4, .table(0), priority: 1)
    rule.isVRF = true
    #expect(text(rule.addition).contains("0500130001000000"))
    #expect(rule.addition.bytes(sequence: 1)[20] == 0)
  }

  @Test("What is reported of a rule equals what was asked for")
  func report() throws {
    let rules = [
      try Self.full(), RuleAssignment(.ipv6, .goto(9), priority: 0),
      RuleAssignment(.ipv4, .prohibit, priority: 7),
    ]
    for rule in rules {
      let payload = Array(rule.addition.bytes(sequence: 1).dropFirst(16))
      #expect(RuleAssignment(NetlinkMessage(type: 33, sender: 0, payload: payload)) == rule)
    }
  }
}

@Suite("Reports of routes and rules")
struct RouteReportTests {
  func event(_ type: UInt16, _ payload: [UInt8]) -> NetworkEvent? {
    NetworkEvent(NetlinkMessage(type: type, sender: 0, payload: payload))
  }

  func route(_ payload: [UInt8]) throws -> InstalledRoute {
    guard case .routeDeleted(let route)? = event(25, payload) else {
      Issue.record("no route")
      throw CancellationError()
    }
    return route
  }

  static let header: [UInt8] = [2, 24, 0, 0, 254, 18, 0, 1, 0, 0, 0, 0]

  @Test("A route is known by its destination, its table, its metric and its way")
  func plain() throws {
    let route = try route(
      Self.header + NetlinkBytes.attribute(15, NetlinkBytes.number(UInt32(1000)))
        + NetlinkBytes.attribute(1, [192, 0, 2, 0])
        + NetlinkBytes.attribute(6, NetlinkBytes.number(UInt32(5)))
        + NetlinkBytes.attribute(5, [10, 1, 0, 254])
        + NetlinkBytes.attribute(4, NetlinkBytes.number(UInt32(7))))
    #expect(route.destination == (try prefix("192.0.2.0/24")))
    #expect(route.table == 1000 && route.metric == 5 && route.origin == 18)
    #expect(route.gateway == (try address("10.1.0.254")))
    #expect(route.interfaces == [InterfaceIndex(rawValue: 7)])
  }

  @Test("A default route has no destination attribute")
  func standard() throws {
    #expect(
      try route([10, 0] + Self.header.dropFirst(2)).destination == (try prefix("::/0")))
  }

  @Test("Of several ways each interface is known, whatever their lengths claim")
  func multipath() throws {
    func hop(_ length: UInt16, _ index: UInt32) -> [UInt8] {
      NetlinkBytes.number(length) + [0, 0] + NetlinkBytes.number(index)
    }
    let gateway = NetlinkBytes.attribute(5, [10, 1, 0, 2])
    func ways(_ value: [UInt8]) throws -> [UInt32] {
      try route(Self.header + NetlinkBytes.attribute(9, value)).interfaces.map(\.rawValue)
    }
    #expect(try ways(hop(16, 3) + gateway + hop(16, 4) + gateway) == [3, 4])
    #expect(try ways(hop(0, 3) + hop(8, 4)) == [3])
    #expect(try ways(hop(7, 3) + hop(8, 4)) == [3, 4])
    #expect(try ways(hop(0xffff, 3) + hop(8, 4)) == [3])
    #expect(try ways([1, 2, 3]) == [])
  }

  @Test("Clones of routes, other families, and headers that are cut are no routes")
  func foreign() {
    var clone = Self.header
    clone[9] = 2
    #expect(event(25, clone) == nil)
    #expect(event(24, [7] + Self.header.dropFirst()) == nil)
    for count in 0..<Self.header.count {
      #expect(event(25, Array(Self.header.prefix(count))) == nil)
    }
    #expect(event(33, [2, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0]) == nil)
    // Nobody needs to hear of a new rule.
    #expect(event(32, [2, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0]) == nil)
  }

  @Test("Ranges that are upside down are none")
  func ranges() throws {
    var payload: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0]
    payload += NetlinkBytes.attribute(20, [9, 0, 0, 0, 1, 0, 0, 0])
    payload += NetlinkBytes.attribute(23, [9, 0, 1, 0]) + NetlinkBytes.attribute(24, [1])
    guard case .ruleDeleted(let rule)? = event(33, payload) else {
      Issue.record("no rule")
      return
    }
    #expect(rule.users == nil && rule.sourcePorts == nil && rule.destinationPorts == nil)
    #expect(rule.action == .blackhole)
  }
}
