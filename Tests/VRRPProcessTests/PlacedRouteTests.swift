import Configuration
import ConfigurationSyntax
import Host
import Kernel
import Primitives
import SystemTestSupport
import Testing

@testable import VRRPProcess

/// Lines as they are read on a machine with eth0 (2) and eth1 (3).
private struct Machine {
  let interfaces = InterfaceTable()
  private let links: [NetworkInterface]

  init() {
    links = NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
    for link in links { interfaces.update(link) }
  }

  private func read(_ text: String) -> VRRPConfiguration {
    let outcome = Configuration.read(
      files: MemoryFiles(text: text), host: SystemHost(interfaces: links),
      options: ReadingOptions(path: "/etc/keepalived/keepalived.conf", strictness: .test))
    return outcome.configuration.vrrp
  }

  func route(_ line: String) throws -> PlacedRoute {
    let lines = read("static_routes {\n\(line)\n}\n").staticRoutes
    return PlacedRoute(try #require(lines.first, "\(line)"), in: interfaces)
  }

  func assignment(_ line: String) throws -> RouteAssignment {
    guard case .route(let route) = try route(line).object(in: interfaces) else {
      Issue.record("no route")
      throw CancellationError()
    }
    return route
  }

  func rule(_ line: String) throws -> PlacedRule {
    let lines = read("static_rules {\n\(line)\n}\n").staticRules
    return PlacedRule(try #require(lines.first, "\(line)"))
  }

  func number(_ name: String) -> InterfaceIndex { interfaces.number(named: name) }
}

@Suite("Lines of routes as the kernel is told them")
struct PlacedRouteTests {
  private let machine = Machine()

  @Test("Everything of the line is in the request")
  func everything() throws {
    let route = try machine.assignment(
      "unreachable 192.0.2.0/24 via 10.0.0.9 dev eth1 src 10.0.0.1 tos 0x10 table 1000 scope 253"
        + " metric 5 realms 1/2 onlink append mtu lock 1400 advmss 1300 congctl lock reno"
        + " ttl-propagate enabled no_track protocol 4")
    #expect(route.type == 7 && route.tos == 0x10 && route.table == 1000 && route.scope == 253)
    #expect(route.hop.gateway?.description == "10.0.0.9")
    #expect(route.hop.interface == InterfaceIndex(rawValue: 3))
    #expect(route.hop.realms == 0x1_0002 && route.hop.isOnLink && route.hops.isEmpty)
    #expect(route.preferredSource?.description == "10.0.0.1" && route.metric == 5)
    #expect(route.placement == .append && route.origin == 4 && route.propagatesTTL == true)
    #expect(route.metrics.map(\.kind) == [2, 8] && route.metrics.map(\.value) == [1400, 1300])
    #expect(route.lockedMetrics == 1 << 2 | 1 << 16 && route.congestionControl == "reno")
    let six = try machine.assignment(
      "::/0 via fe80::1 dev eth0 from 2001:db8::/32 pref low expires 9")
    #expect(six.preference == 3 && six.expires == 9 && six.source?.length == 32)
    #expect(six.destination.length == 0 && six.family == .ipv6 && six.table == 254)
  }

  @Test("Hops and tunnels")
  func hops() throws {
    let route = try machine.assignment(
      "192.0.2.0/24 nexthop via 10.0.0.9 dev eth1 weight 5 onlink realms 3"
        + " nexthop via 10.0.0.8 encap mpls 100/200")
    #expect(route.hops.map(\.interface.rawValue) == [3, 0])
    #expect(route.hops.map(\.weight) == [5, 1] && route.hops.map(\.isOnLink) == [true, false])
    #expect(route.hops[0].realms == 3 && route.hops[1].encapsulation == .mpls([100, 200]))
    var tunnel = RouteAssignment.Tunnel()
    tunnel.id = 5
    tunnel.destination = IPAddress(parsing: "10.9.9.9")
    tunnel.source = IPAddress(parsing: "10.9.9.8")
    tunnel.trafficClass = 16
    tunnel.hopLimit = 4
    tunnel.flags = 3
    #expect(
      try machine.assignment(
        "192.0.2.0/24 encap ip id 5 dst 10.9.9.9 src 10.9.9.8 tos 0x10 ttl 4 flags 3 dev eth0"
      ).hop.encapsulation == .ip(tunnel))
    #expect(
      try machine.assignment("2001:db8::/32 encap ila 1:2:3:4 dev eth0").hop.encapsulation
        == .ila(0x1_0002_0003_0004))
  }

  @Test(
    "A route is known by what the kernel reports of it",
    arguments: [
      ("192.0.2.0/24 via 10.0.0.9 dev eth0", 0, "10.0.0.9", [2]),
      ("192.0.2.0/24 via 10.0.0.9", 0, "10.0.0.9", [2]),
      ("192.0.2.0/24 dev eth0", 0, "", [2]),
      ("192.0.2.0/24 nexthop via 10.0.0.9", 0, "10.0.0.9", [2]),
      ("192.0.2.0/24 nexthop via 10.0.0.9 nexthop via 10.0.0.8", 0, "", [2, 3]),
      ("blackhole 192.0.2.0/24", 0, "", []),
      ("2001:db8:1:2:3::/48 via fe80::1 dev eth0", 1024, "fe80::1", [2]),
      ("2001:db8:1:2:3::/48 dev eth0 metric 5", 5, "", [2]),
      ("2001:db8:1:2:3::/48 dev eth0 metric 0", 1024, "", [2]),
      ("unreachable 2001:db8:1:2:3::/48", 1024, "", [1]),
    ])
  func keys(line: String, metric: UInt32, gateway: String, ways: [UInt32]) throws {
    let route = try machine.route(line)
    let isIPv6 = route.line.family == .ipv6
    func reported(_ change: (inout InstalledRoute) -> Void = { _ in }) throws -> Bool {
      var report = InstalledRoute(
        to: RouteAssignment.Prefix(
          try #require(IPAddress(parsing: isIPv6 ? "2001:db8:1::" : "192.0.2.0")),
          isIPv6 ? 48 : 24),
        table: 254, metric: metric, origin: 18, gateway: IPAddress(parsing: gateway),
        interfaces: ways.map(InterfaceIndex.init(rawValue:)))
      change(&report)
      return PlacedRoute.keys(report, in: machine.interfaces).contains(route.key)
    }
    #expect(try reported())
    #expect(try !reported { $0.metric = 77 })
    #expect(try !reported { $0.table = 255 })
    #expect(try !reported { $0.origin = 3 })
    #expect(try !reported { $0.tos = 8 })
    #expect(try !reported { $0.destination.length = 25 })
    if !gateway.isEmpty { #expect(try !reported { $0.gateway = IPAddress(parsing: "10.0.0.7") }) }
  }

  @Test("What changes nothing in the kernel is the same, whatever line it stands on")
  func same() throws {
    let route = try machine.route("192.0.2.0/24 dev eth0 mtu 1400")
    #expect(try route.isSame(as: machine.route("\n\n192.0.2.0/24 dev eth0 mtu 1400 no_track")))
    let other = try machine.route("192.0.2.0/24 dev eth0 mtu 1300")
    #expect(route.key == other.key && !route.isSame(as: other))
    let elsewhere = try machine.route("192.0.2.0/24 dev eth1 mtu 1400")
    #expect(route.slot == elsewhere.slot && route.key != elsewhere.key)
    #expect(route.title.hasSuffix("(Line 2)") || route.title.hasSuffix(": Line 2)"))
  }

  @Test("A route is on the interfaces that it names, and on those that the kernel has found")
  func interfaces() throws {
    let eth0 = machine.number("eth0")
    let eth1 = machine.number("eth1")
    let both = try machine.route("192.0.2.0/24 nexthop dev eth0 nexthop dev eth1")
    #expect(both.isOn(eth0) && both.isOn(eth1))
    #expect(!both.goes(with: eth0, in: machine.interfaces))
    machine.interfaces[eth1].link = nil
    #expect(both.goes(with: eth0, in: machine.interfaces))
    #expect(!both.isStranded(in: machine.interfaces))
    #expect(both.missingInterface(in: machine.interfaces) == eth1)
    let found = try machine.route("192.0.2.0/24 via 10.0.0.9")
    #expect(!found.isOn(eth0) && !found.isStranded(in: machine.interfaces))
    found.ways = [eth1]
    #expect(found.isOn(eth1) && found.isStranded(in: machine.interfaces))
    // It can be set all the same: another interface may lead there.
    #expect(found.missingInterface(in: machine.interfaces) == nil)
  }

  @Test("What goes by itself, or is not tracked, is missed by nobody")
  func tracked() throws {
    #expect(try machine.route("192.0.2.0/24 dev eth0").isTracked)
    #expect(try !machine.route("192.0.2.0/24 dev eth0 no_track").isTracked)
    #expect(try !machine.route("2001:db8::/32 dev eth0 expires 9").isTracked)
  }
}

@Suite("Lines of rules as the kernel is told them")
struct PlacedRuleTests {
  private let machine = Machine()

  func assignment(_ line: String) throws -> RuleAssignment {
    guard case .rule(let rule) = try machine.rule(line).object(in: machine.interfaces) else {
      Issue.record("no rule")
      throw CancellationError()
    }
    return rule
  }

  @Test("Everything of the line is in the request")
  func everything() throws {
    let rule = try assignment(
      "not from 10.1.0.0/16 to 10.2.0.0/16 priority 101 tos 0x10 fwmark 5/0xff iif eth0 oif eth1"
        + " table 1000 realms 1/2 suppress_prefixlength 3 suppress_ifgroup 2 tunnel-id 7"
        + " uidrange 3-4 ipproto 6 sport 1-2 dport 80-90")
    #expect(rule.action == .table(1000) && rule.priority == 101 && rule.isInverted)
    #expect(rule.source?.length == 16 && rule.destination?.address.description == "10.2.0.0")
    #expect(rule.tos == 0x10 && rule.mark == 5 && rule.markMask == 255 && rule.realms == 0x1_0002)
    #expect(rule.suppressedPrefixLength == 3 && rule.suppressedGroup == 2 && rule.tunnelID == 7)
    #expect(rule.inputDevice == "eth0" && rule.outputDevice == "eth1" && rule.users == 3...4)
    #expect(rule.ipProtocol == 6 && rule.sourcePorts == 1...2 && rule.destinationPorts == 80...90)
    #expect(rule.origin == 18 && rule.family == .ipv4 && !rule.isVRF)
  }

  @Test("Defaults are those of the kernel, so that its report is recognized")
  func defaults() throws {
    let rule = try assignment("from ::/0 fwmark 7 blackhole priority 5 no_track")
    #expect(rule.source == nil && rule.markMask == .max && rule.origin == 0)
    #expect(rule.suppressedPrefixLength == .max && rule.suppressedGroup == .max)
    #expect(try assignment("from 10.0.0.1 priority 5 table 5 no_track protocol 9").origin == 9)
    let vrf = try assignment("l3mdev priority 5")
    #expect(vrf.isVRF && vrf.action == .table(0))
    for (line, action) in [
      ("goto 9", RuleAssignment.Action.goto(9)), ("nop", .nop), ("unreachable", .unreachable),
      ("prohibit", .prohibit),
    ] {
      #expect(try assignment("priority 5 \(line)").action == action)
    }
  }

  @Test("Who set it makes no other rule of it")
  func key() throws {
    let own = try machine.rule("from 10.0.0.1 priority 5 table 5")
    let foreign = try machine.rule("from 10.0.0.1 priority 5 table 5 no_track protocol 4")
    #expect(own.key == foreign.key && !own.isSame(as: foreign))
    #expect(own.key != (try machine.rule("from 10.0.0.1 priority 6 table 5")).key)
  }
}
