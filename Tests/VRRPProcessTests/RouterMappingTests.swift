import Configuration
import ConfigurationSyntax
import Host
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing
import VRRP
import Wire

@testable import VRRPProcess

@Suite("From configuration to protocol")
struct RouterMappingTests {
  /// A machine of two Ethernet interfaces and a macvlan, and a text that is read for it.
  final class Bench {
    let table = InterfaceTable()
    let outcome: ReadingOutcome
    let mapped: MappedConfiguration

    init(_ text: String, status: @escaping (TrackerID) -> TrackerStatus = { _ in .up }) {
      let base = NetlinkBytes.attribute(5, NetlinkBytes.number(UInt32(2)))
      let mode = NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1)))
      let links =
        NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
        + NetworkInterface.ethernet("mv0", 4, extra: base + mode)
      for link in links { table.update(link) }
      for (name, address) in [("eth0", "10.0.0.1"), ("eth0", "fe80::1"), ("eth1", "10.1.0.1")] {
        guard let address = IPAddress(parsing: address) else { continue }
        table.addAddress(address, to: table.number(named: name))
      }
      outcome = Configuration.read(
        files: MemoryFiles(text: text), host: SystemHost(interfaces: links),
        options: ReadingOptions(path: "/etc/keepalived/keepalived.conf", strictness: .test))
      mapped = MappedConfiguration(
        outcome.configuration, links: VirtualLinkPlan(), interfaces: table, origin: 18,
        status: status)
    }

    var messages: [String] {
      outcome.diagnostics.filter { $0.class >= .message }.map(\.message)
    }
  }

  static func instance(_ lines: String, name: String = "V", id: Int = 51) -> String {
    """
    vrrp_instance \(name) {
      interface eth0
      virtual_router_id \(id)
    \(lines)
    }

    """
  }

  func router(_ lines: String) throws -> RouterConfiguration {
    let bench = Bench(Self.instance(lines))
    #expect(bench.messages == [])
    return try #require(bench.mapped.routers.first).router
  }

  @Test("An instance of few lines has the defaults")
  func defaults() throws {
    let router = try router("virtual_ipaddress { 10.0.0.100/24 }")
    #expect(router.name == "V")
    #expect(router.virtualRouterID == VirtualRouterID(rawValue: 51))
    #expect(router.version == .two)
    #expect(router.priority == .standard)
    #expect(router.advertisementInterval == .seconds(1))
    #expect(router.downTimerAdverts == 3)
    #expect(router.preempts && router.preemptDelay == nil)
    #expect(!router.isUnicast && router.peers.isEmpty)
    #expect(router.multicastGroup == .ipv4(IPv4Address(224, 0, 0, 18)))
    #expect(router.interfaceSource?.description == "10.0.0.1")
    #expect(router.configuredSource == nil)
    #expect(!router.wantsMaster && !router.isExplicitOwner)
    #expect(router.addresses.map(\.address.description) == ["10.0.0.100"])
    if case .none = router.authentication {} else { Issue.record("authenticated") }
  }

  @Test("Each line of the election reaches the protocol")
  func election() throws {
    let router = try router(
      """
      version 3
      priority 150
      advert_int 0.25
      nopreempt
      down_timer_adverts 5
      higher_prio_send_advert on
      lower_prio_no_advert on
      skip_check_adv_addr on
      notify_priority_changes on
      virtual_ipaddress { 10.0.0.100 }
      """)
    #expect(router.version == .three)
    #expect(router.priority == Priority(rawValue: 150))
    #expect(router.advertisementInterval == .milliseconds(250))
    #expect(!router.preempts)
    #expect(router.downTimerAdverts == 5)
    #expect(router.higherPrioSendAdvert && router.lowerPrioNoAdvert && router.skipCheckAdvAddr)
    #expect(router.notifyPriorityChanges)
  }

  @Test("An owner whose state and priority are written begins as one")
  func owner() throws {
    let lines = "virtual_ipaddress { 10.0.0.100 }\npriority 255\n"
    #expect(try router(lines + "state MASTER").isExplicitOwner)
    #expect(try router(lines).isExplicitOwner == false)
    #expect(try router(lines).wantsMaster)
  }

  @Test("A password is filled up with zeros")
  func password() throws {
    let router = try router(
      """
      authentication {
        auth_type PASS
        auth_pass 1111
      }
      virtual_ipaddress { 10.0.0.100 }
      """)
    guard case .password(let key) = router.authentication else {
      Issue.record("no password")
      return
    }
    #expect((0..<8).map { key[$0] } == [0x31, 0x31, 0x31, 0x31, 0, 0, 0, 0])
  }

  @Test("Unicast peers have their limits, and the source is the configured one")
  func unicast() throws {
    let router = try router(
      """
      unicast_src_ip 10.0.0.9
      unicast_ttl 64
      unicast_peer {
        10.0.0.2
        10.0.0.3 min_ttl 60 max_ttl 64
      }
      virtual_ipaddress { 10.0.0.100 }
      """)
    #expect(router.isUnicast)
    #expect(router.configuredSource?.description == "10.0.0.9")
    #expect(router.unicastTTL == 64)
    #expect(router.peers.map(\.address.description) == ["10.0.0.2", "10.0.0.3"])
    #expect(router.peers.map(\.minimumTTL) == [nil, 60])
    #expect(router.peers.map(\.maximumTTL) == [nil, 64])
  }

  @Test("An address goes to its device, or to the interface of the instance")
  func placement() throws {
    let bench = Bench(
      Self.instance(
        """
        virtual_ipaddress {
          10.0.0.100/24
          10.1.0.100/24 dev eth1
        }
        virtual_ipaddress_excluded { fe80::100 }
        """))
    let mapped = try #require(bench.mapped.routers.first)
    let eth0 = bench.table.number(named: "eth0")
    let eth1 = bench.table.number(named: "eth1")
    #expect(mapped.interface == eth0)
    #expect(mapped.addresses.map(\.interface) == [eth0, eth1])
    #expect(mapped.excludedAddresses.map(\.interface) == [eth0])
    #expect(mapped.placed(.virtual(1))?.line.address.description == "10.1.0.100")
    #expect(mapped.placed(.excluded(0))?.line.address.description == "fe80::100")
    #expect(mapped.placed(.virtual(2)) == nil && mapped.placed(.source) == nil)
    // Both interfaces are tracked unasked.
    #expect(mapped.router.trackings.map(\.name) == ["eth0", "eth1"])
  }

  @Test("An instance on a macvlan tracks what is below it too")
  func macvlan() throws {
    let bench = Bench(
      Self.instance("virtual_ipaddress { 10.0.0.100 }").replacing(
        "interface eth0", with: "interface mv0"))
    #expect(bench.mapped.routers.first?.router.trackings.map(\.name) == ["mv0", "eth0"])
  }

  @Test("dont_track_primary leaves the own interface out")
  func dontTrackPrimary() throws {
    let router = try router(
      """
      dont_track_primary
      track_interface { eth1 weight -20 }
      virtual_ipaddress { 10.0.0.100 }
      """)
    #expect(router.trackings.map(\.name) == ["eth1"])
    #expect(router.trackings.map(\.weight) == [-20])
  }

  @Test("What is known of a tracked interface is asked for at once")
  func status() throws {
    var asked: [TrackerID] = []
    let bench = Bench(Self.instance("virtual_ipaddress { 10.0.0.100 }")) {
      asked.append($0)
      return .down
    }
    #expect(asked == [TrackerID(.interface, bench.table.number(named: "eth0").rawValue)])
    #expect(bench.mapped.routers.first?.router.trackings.map(\.status) == [.down])
  }

  @Test("The line of the group wins over the member's, unless that means fault")
  func groupTrackings() throws {
    func weights(_ own: String) -> [Int]? {
      let bench = Bench(
        """
        vrrp_sync_group G {
          group { V }
          sync_group_tracking_weight
          track_interface { eth1 weight 30 }
        }
        """ + "\n"
          + Self.instance(
            "track_interface { eth1 \(own) }\nvirtual_ipaddress { 10.0.0.100 }"))
      return bench.mapped.routers.first?.router.trackings.filter { $0.name == "eth1" }.map(\.weight)
    }
    #expect(weights("weight 10") == [30])
    #expect(weights("") == [0])
  }

  @Test("Sync groups have their members")
  func groups() throws {
    let bench = Bench(
      "vrrp_sync_group G {\n group {\n V\n W\n }\n}\n"
        + Self.instance("virtual_ipaddress { 10.0.0.100 }")
        + Self.instance("virtual_ipaddress { 10.0.0.101 }", name: "W", id: 52))
    #expect(bench.messages == [])
    #expect(bench.mapped.protocolGroups.map(\.name) == ["G"])
    #expect(bench.mapped.protocolGroups.map(\.members) == [["V", "W"]])
  }

  @Test("Gratuitous messages of one interface share a limit")
  func limits() throws {
    let bench = Bench(
      "global_defs {\n vrrp_garp_interval 0.5\n vrrp_gna_interval 0.25\n}\n"
        + Self.instance("virtual_ipaddress {\n 10.0.0.100\n 10.0.0.101\n 10.1.0.1 dev eth1\n}"))
    let router = try #require(bench.mapped.routers.first).router
    #expect(router.addresses.map(\.limiter) == [0, 0, 1])
    #expect(bench.mapped.limiters.count == 2)
    #expect(bench.mapped.limiters.first?.arpInterval == .milliseconds(500))
    let unlimited = try self.router("virtual_ipaddress { 10.0.0.100 }")
    #expect(unlimited.addresses.map(\.limiter) == [nil])
  }

  @Test("Lines about gratuitous messages make the schedule")
  func schedule() throws {
    let router = try router(
      """
      garp_master_delay 7
      garp_master_repeat 3
      garp_master_refresh 60
      garp_master_refresh_repeat 2
      garp_lower_prio_delay 4
      garp_lower_prio_repeat 6
      virtual_ipaddress { 10.0.0.100 }
      """)
    #expect(router.gratuitous.masterDelay == .seconds(7))
    #expect(router.gratuitous.masterRepeat == 3)
    #expect(router.gratuitous.refresh == .seconds(60))
    #expect(router.gratuitous.refreshRepeat == 2)
    #expect(router.gratuitous.lowerPriorityDelay == .seconds(4))
    #expect(router.gratuitous.lowerPriorityRepeat == 6)
  }

  @Test("Interfaces of routes and rules that are missed when they go are tracked")
  func routingInterfaces() throws {
    func tracked(_ lines: String) throws -> [String] {
      try router("virtual_ipaddress { 10.0.0.100/24 }\n" + lines).trackings.map(\.name)
    }
    #expect(try tracked("virtual_routes {\n192.0.2.0/24 dev eth1\n}") == ["eth0", "eth1"])
    #expect(try tracked("virtual_routes {\n192.0.2.0/24 dev eth1 no_track\n}") == ["eth0"])
    #expect(
      try tracked("virtual_rules {\niif eth1 oif mv0 priority 5 table 5\n}")
        == ["eth0", "eth1", "mv0"])
    #expect(try tracked("virtual_rules {\niif eth1 priority 5 table 5 no_track\n}") == ["eth0"])
    #expect(
      try tracked("dont_track_primary\nvirtual_routes {\n192.0.2.0/24 dev eth0\n}") == [])
    let bench = Bench(
      """
      track_group G {
        group { V }
      }
      static_routes {
      192.0.2.0/24 dev eth1 track_group G
      }
      static_rules {
      iif mv0 priority 5 table 5 track_group G
      }

      """ + Self.instance("virtual_ipaddress { 10.0.0.100/24 }"))
    #expect(bench.messages == [])
    #expect(
      bench.mapped.routers.first?.router.trackings.map(\.name) == ["eth0", "eth1", "mv0"])
  }

  @Test("Static addresses go to their devices")
  func staticAddresses() throws {
    let bench = Bench("static_ipaddress {\n 192.0.2.1/32 dev eth1\n}\n")
    #expect(bench.mapped.staticAddresses.map(\.line.address.description) == ["192.0.2.1"])
    #expect(bench.mapped.staticAddresses.map(\.interface) == [bench.table.number(named: "eth1")])
    #expect(bench.mapped.routers.isEmpty)
  }

  @Test("IPv6 instances have the group and the source of their family")
  func ipv6() throws {
    let router = try router("version 3\nvirtual_ipaddress { fe80::100 }")
    #expect(router.family == .ipv6)
    #expect(router.multicastGroup.description == "ff02::12")
    #expect(router.interfaceSource?.description == "fe80::1")
  }
}
