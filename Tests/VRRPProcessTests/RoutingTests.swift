import Configuration
import Kernel
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing
import VRRP

@testable import ProcessFrame
@testable import VRRPProcess

/// Routes and rules of the process as a whole; the network is a fake.
@Suite("Routes and rules of the VRRP process")
struct RoutingTests {
  typealias Bench = VRRPProcessTests.Bench

  static func address(_ last: UInt8) -> IPAddress { .ipv4(IPv4Address(192, 0, 2, last)) }

  static func instance(_ lines: String, name: String = "A", id: Int = 51) -> String {
    VRRPProcessTests.instance(name, id: id, "10.0.0.\(id)/24", more: lines)
  }

  static func routes(_ lines: String...) -> String {
    "virtual_routes {\n" + lines.joined(separator: "\n") + "\n}\n"
  }

  static func rules(_ lines: String...) -> String {
    "virtual_rules {\n" + lines.joined(separator: "\n") + "\n}\n"
  }

  static let both =
    routes("192.0.2.1 dev eth1", "192.0.2.2 via 10.0.0.9")
    + rules("from 10.0.0.1 priority 5 table 5")

  func down(_ name: String, _ index: UInt32) throws -> NetworkEvent {
    .link(
      try #require(NetworkInterface.parsed(NetlinkBytes.link(name, index: index, flags: 0x1002))))
  }

  func up(_ name: String, _ index: UInt32) throws -> NetworkEvent {
    .link(try #require(NetworkInterface.ethernet(name, index).first))
  }

  // MARK: Virtual

  @Test("A MASTER has its routes and rules behind its addresses; the stop takes them in reverse")
  func master() throws {
    let bench = try Bench(Self.instance(Self.both))
    bench.kernel.changes = []
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32", "192.0.2.2/32"])
    #expect(bench.kernel.rules.map(\.priority) == [5])
    #expect(bench.kernel.changes.map(\.kind) == ["+address", "+route", "+route", "+rule"])
    #expect(bench.kernel.followed == [.routes(.ipv4), .rules(.ipv4)])
    bench.kernel.changes = []
    bench.child.frame.stop()
    #expect(bench.kernel.changes.map(\.kind) == ["-rule", "-route", "-route", "-address"])
    #expect(
      bench.kernel.changes.map(\.destination).compactMap(\.self) == ["192.0.2.2", "192.0.2.1"])
    #expect(bench.kernel.routes == [] && bench.kernel.rules == [])
    let said = bench.child.logged.filter { $0.contains("Virtual R") }
    #expect(
      said == [
        "(A) removing Virtual Rules", "(A) removing Virtual Routes",
        "(A) removing Virtual Rules", "(A) removing Virtual Routes",
        "(A) setting Virtual Routes", "(A) setting Virtual Rules",
        "(A) removing Virtual Rules", "(A) removing Virtual Routes",
      ])
  }

  @Test("Without a route or a rule that can be missed nothing is heard of them")
  func following() throws {
    #expect(try Bench(Self.instance("")).kernel.followed == [])
    let bench = try Bench(
      Self.instance(Self.routes("192.0.2.1 dev eth1 no_track")) + "static_rules {\n"
        + "inet6 inet6 fwmark 7 table 5 priority 6\n}\n")
    #expect(bench.kernel.followed == [.rules(.ipv6)])
    try bench.reload(Self.instance(Self.routes("2001:db8::/32 dev eth1")))
    #expect(bench.kernel.followed == [.routes(.ipv6)])
    #expect(!bench.kernel.hearsOfNewRoutes)
    try bench.reload(Self.instance(Self.routes("192.0.2.0/24 via 10.0.0.9")))
    #expect(bench.kernel.hearsOfNewRoutes)
  }

  @Test("What a predecessor left behind is taken away at the start")
  func leftovers() throws {
    let first = try Bench(Self.instance(Self.both))
    #expect(try first.becomesMaster("A"))
    let heir = try TestChild(
      .vrrp, VRRPProcessTests.instance("A", "10.0.0.51/24", state: "BACKUP", more: Self.both),
      interfaces: first.kernel.links)
    let process = VRRPProcess(heir.frame, first.kernel)
    try heir.start(process)
    #expect(first.kernel.routes == [] && first.kernel.rules == [])
    #expect(!heir.logged.contains { $0.contains("error") })
  }

  @Test("A route or a rule that somebody takes from a MASTER makes it begin anew")
  func lost() throws {
    let bench = try Bench(Self.instance(Self.both))
    #expect(try bench.becomesMaster("A"))
    var count = 0
    for take in [
      { bench.kernel.takesRoute(to: Self.address(1)) },
      { bench.kernel.takesRoute(to: Self.address(2)) }, { bench.kernel.takesRule(5) },
    ] {
      take()
      count += 1
      #expect(
        try bench.child.turn {
          bench.child.logged.count { $0 == "(A) Entering MASTER STATE" } == count + 1
        })
      #expect(bench.kernel.routeTexts == ["192.0.2.1/32", "192.0.2.2/32"])
      #expect(bench.kernel.rules.map(\.priority) == [5])
    }
  }

  @Test("What is not tracked is not missed")
  func untracked() throws {
    let bench = try Bench(
      Self.instance(
        Self.routes("192.0.2.1 dev eth1 no_track", "192.0.2.2 dev eth1")
          + Self.rules("from 10.0.0.1 priority 5 table 5 no_track", "priority 6 table 5")))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.takesRoute(to: Self.address(1))
    bench.kernel.takesRule(5)
    #expect(try !bench.child.turn { bench.state("A") != .master })
    #expect(bench.kernel.routeTexts == ["192.0.2.2/32"])
    bench.child.frame.stop()
    #expect(bench.kernel.routes == [] && bench.kernel.rules == [])
    #expect(!bench.child.logged.contains { $0.contains("error") })
  }

  @Test("What the kernel refuses is told once, with its line, and set when it can be")
  func refused() throws {
    let bench = try Bench("")
    bench.kernel.routeRefusals[Self.address(2)] = ["add": .networkUnreachable]
    try bench.reload(Self.instance(Self.both))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32"])
    bench.process.network.routes.retry.timerFired(token: 0, at: Clock.now)
    let complaints = bench.child.logged.filter { $0.contains("type=RTM_NEWROUTE(24)") }
    try #require(complaints.count == 1)
    #expect(complaints[0].hasPrefix("Netlink: error: \(Errno.networkUnreachable)(101), type="))
    #expect(complaints[0].contains("route prepend 192.0.2.2 via inet 10.0.0.9 proto 18 ("))
    #expect(complaints[0].hasSuffix("Line 15); it is tried again until it is there"))
    bench.kernel.routeRefusals = [:]
    bench.process.network.routes.retry.timerFired(token: 0, at: Clock.now)
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32", "192.0.2.2/32"])
  }

  @Test("A rule that is there already is somebody else's, and stays")
  func foreignRule() throws {
    let bench = try Bench("")
    var foreign = RuleAssignment(.ipv4, .table(5), priority: 5)
    foreign.source = RouteAssignment.Prefix(.ipv4(IPv4Address(10, 0, 0, 1)), 32)
    foreign.origin = 18
    _ = bench.kernel.perform([.add(.rule(foreign))])
    bench.process.network.rules.want(
      [PlacedRule(Self.rule)],
      by: bench.process.network.rules.newOwner())
    bench.child.frame.stop()
    #expect(bench.kernel.rules == [foreign])
    #expect(bench.child.logged.contains { $0.contains("type=RTM_NEWRULE(32)") })
  }

  static var rule: RuleLine {
    var line = RuleLine()
    line.action = .table(5)
    line.priority = 5
    line.from = Prefix(address: .ipv4(IPv4Address(10, 0, 0, 1)), length: 32)
    return line
  }

  // MARK: Reload

  @Test("A reload touches what has changed, and nothing else")
  func reload() throws {
    func text(_ routes: String, _ rules: String) -> String {
      Self.instance(Self.routes("192.0.2.1 dev eth1", routes) + Self.rules(rules))
    }
    let bench = try Bench(text("192.0.2.2 via 10.0.0.9", "from 10.0.0.1 priority 5 table 5"))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.changes = []
    try bench.reload(text("192.0.2.2 via 10.0.0.9", "from 10.0.0.1 priority 5 table 5"))
    #expect(bench.kernel.changes == [])
    // Another attribute, another way, another metric.
    try bench.reload(text("192.0.2.2 via 10.0.0.9 mtu 1400", "from 10.0.0.1 priority 6 table 5"))
    #expect(bench.kernel.changes.map(\.kind) == ["=route", "+rule", "-rule"])
    bench.kernel.changes = []
    try bench.reload(text("192.0.2.2 via 10.0.0.8", "from 10.0.0.1 priority 6 table 5"))
    #expect(bench.kernel.changes.map(\.kind) == ["=route"])
    bench.kernel.changes = []
    try bench.reload(text("192.0.2.2 via 10.0.0.8 metric 7", "from 10.0.0.1 priority 6 table 5"))
    #expect(bench.kernel.changes.map(\.kind) == ["+route", "-route"])
    #expect(bench.kernel.routes.map(\.metric) == [nil, 7])
    #expect(bench.state("A") == .master)
    try bench.reload(Self.instance(""))
    #expect(bench.kernel.routes == [] && bench.kernel.rules == [])
    #expect(bench.state("A") == .master)
  }

  @Test("Where the kernel does not replace, the old one goes and the new one comes")
  func exchange() throws {
    let bench = try Bench(Self.instance(Self.routes("192.0.2.2 via 10.0.0.9")))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.routeRefusals[Self.address(2)] = ["replace": .invalid]
    bench.kernel.changes = []
    try bench.reload(Self.instance(Self.routes("192.0.2.2 via 10.0.0.8")))
    #expect(bench.kernel.changes.map(\.kind) == ["=route", "-route", "+route"])
    #expect(bench.kernel.routes.map(\.hop.gateway?.description) == ["10.0.0.8"])
    #expect(!bench.child.logged.contains { $0.contains("error") })
  }

  @Test("A route that moves to another instance, or becomes a static one, is not touched")
  func moves() throws {
    let route = Self.routes("192.0.2.1 dev eth1")
    let bench = try Bench(Self.instance(route) + Self.instance("", name: "B", id: 52))
    #expect(try bench.becomesMaster("A", "B"))
    bench.kernel.changes = []
    try bench.reload(Self.instance("") + Self.instance(route, name: "B", id: 52))
    try bench.reload(
      Self.instance("") + Self.instance("", name: "B", id: 52)
        + "static_routes {\n192.0.2.1 dev eth1\n}\n")
    #expect(bench.kernel.changes == [])
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32"])
  }

  // MARK: Static

  static let fixed =
    "static_routes {\n192.0.2.1 dev eth1\n192.0.2.2 via 10.0.0.9\n192.0.2.3 dev eth1 no_track\n}\n"
    + "static_rules {\nfrom 10.0.0.1 priority 5 table 5\npriority 6 table 5 no_track\n}\n"

  @Test("What is static stands from the start to the stop, and is set again")
  func standing() throws {
    let bench = try Bench(Self.fixed)
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32"])
    for last: UInt8 in [1, 2, 3] { bench.kernel.takesRoute(to: Self.address(last)) }
    for priority: UInt32 in [5, 6] { bench.kernel.takesRule(priority) }
    #expect(try bench.child.turn { bench.kernel.rules.map(\.priority) == [5] })
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32", "192.0.2.2/32"])
    #expect(
      bench.child.logged.filter { $0.hasPrefix("Restoring") } == [
        "Restoring deleted static route prepend 192.0.2.1 dev eth1 proto 18",
        "Restoring deleted static route prepend 192.0.2.2 via inet 10.0.0.9 proto 18",
        "Restoring deleted static rule from 10.0.0.1 priority 5 tos 0x0 protocol 18 lookup 5",
      ])
    bench.child.frame.stop()
    #expect(bench.kernel.routes == [] && bench.kernel.rules == [])
  }

  @Test("What a reload drops of the static ones goes, and is told with details")
  func dropped() throws {
    let bench = try Bench(Self.fixed)
    try bench.reload("static_routes {\n192.0.2.1 dev eth1 mtu 1400\n}\n")
    #expect(bench.kernel.routeTexts == ["192.0.2.1/32"])
    #expect(bench.kernel.rules == [])
    #expect(
      bench.child.logged.filter { $0.contains("emov") && !$0.contains("VIP") } == [
        "Removing route 192.0.2.2", "Removing route 192.0.2.3",
        "ip rule from 10.0.0.1 removed", "ip rule from all removed",
      ])
  }

  @Test("With an interface go its routes, without a word, and come back with it")
  func interface() throws {
    let bench = try Bench(Self.fixed)
    // The kernel reports none of it.
    for last: UInt8 in [1, 3] { bench.kernel.losesRoute(to: Self.address(last)) }
    bench.kernel.happens(try down("eth1", 3))
    #expect(try !bench.child.turn { bench.kernel.routeTexts != ["192.0.2.2/32"] })
    bench.kernel.happens(try up("eth1", 3))
    #expect(try bench.child.turn { bench.kernel.routeTexts.contains("192.0.2.1/32") })
    #expect(bench.kernel.routeTexts.sorted() == ["192.0.2.1/32", "192.0.2.2/32"])
    // A reload brings back what nobody tracks. The way of the one through a gateway is known from
    // the kernel's report, also after a reload.
    try bench.reload(Self.fixed)
    bench.kernel.losesRoute(to: Self.address(2))
    bench.kernel.happens(try down("eth0", 2), try up("eth0", 2))
    #expect(try bench.child.turn { bench.kernel.routeTexts.contains("192.0.2.2/32") })
    #expect(
      bench.kernel.routeTexts.sorted() == ["192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32"])
    #expect(!bench.child.logged.contains { $0.contains("error") })
  }

  @Test("Where a predecessor's route leads is known too")
  func adopted() throws {
    let text = "static_routes {\n192.0.2.2 via 10.0.0.9\n}\n"
    let first = try Bench(text)
    let heir = try TestChild(.vrrp, text, interfaces: first.kernel.links)
    let process = VRRPProcess(heir.frame, first.kernel)
    try heir.start(process)
    #expect(process.network.routes.containsOne { $0.isOn(InterfaceIndex(rawValue: 1)) })
  }

  @Test("A route from an address goes with it and comes back with it")
  func source() throws {
    let bench = try Bench(
      "static_ipaddress {\n10.9.0.1/24 dev eth1\n}\n"
        + "static_routes {\n192.0.2.1 dev eth1 src 10.9.0.1\n}\n")
    bench.kernel.losesRoute(to: Self.address(1))
    bench.kernel.takes(.ipv4(IPv4Address(10, 9, 0, 1)))
    #expect(try bench.child.turn { bench.kernel.routeTexts == ["192.0.2.1/32"] })
    #expect(bench.addresses(on: 3) == ["10.9.0.1/24"])
  }

  @Test("After an overrun routes and rules are looked at again")
  func overrun() throws {
    let bench = try Bench(Self.fixed + Self.instance(Self.routes("192.0.2.9 dev eth0")))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.losesRoute(to: Self.address(1))
    bench.kernel.losesRoute(to: Self.address(9))
    bench.kernel.losesRule(5)
    bench.kernel.overruns()
    #expect(
      try bench.child.turn {
        bench.child.logged.count { $0 == "(A) Entering MASTER STATE" } == 2
      })
    #expect(Set(bench.kernel.routeTexts) == Set([1, 2, 3, 9].map { "192.0.2.\($0)/32" }))
    #expect(bench.kernel.rules.map(\.priority).sorted() == [5, 6])
    #expect(bench.child.logged.count { $0.hasPrefix("Restoring") } == 2)
  }
}

extension NetworkChange {
  fileprivate var kind: String {
    switch self {
    case .add(let object): "+" + object.kind
    case .replace(let object): "=" + object.kind
    case .remove(let object): "-" + object.kind
    case .set, .removeLinks: "links"
    }
  }

  fileprivate var destination: String? {
    guard case .remove(.route(let route)) = self else { return nil }
    return route.destination.address.description
  }
}

extension NetworkObject {
  fileprivate var kind: String {
    switch self {
    case .address: "address"
    case .route: "route"
    case .rule: "rule"
    case .link: "link"
    }
  }
}
