import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("Lines of addresses, routes and rules")
struct LineTests {
  private static func list(_ keyword: String, _ line: String) -> ReadingOutcome {
    read("track_group g {\ngroup { V }\n}\n\(keyword) {\n\(line)\n}\n" + instance(""))
  }

  @Test(
    "Faults of addresses",
    arguments: [
      ("x", "VRRP parsed invalid IP x. skipping IP...", 0),
      ("192.0.2.1/33 dev eth0", "Invalid address prefix len 33", 1),
      ("192.0.2.1 dev", "No dev parameter specified for 192.0.2.1", 0),
      ("192.0.2.1 dev eth0 dev eth1", "device more than once for 192.0.2.1", 0),
      ("192.0.2.1 dev eth0 nonsense", "Unknown configuration entry 'nonsense'", 1),
      ("192.0.2.1 dev eth0 scope x", "Invalid scope 'x' specified for 192.0.2.1", 1),
      ("fe80::1 dev eth0 scope x", "Invalid scope 'x' specified for fe80::1", 1),
      ("192.0.2.1/31 dev eth0 brd +", "Address prefix length 31 too long for broadcast", 1),
      ("192.0.2.1 dev eth0 brd x", "trying to assign invalid broadcast x", 0),
      ("fe80::1 dev eth0 brd +", "trying to assign a broadcast brd to the IPv6 address", 0),
      ("192.0.2.1 dev eth0 label abcdefghijklmnop", "longer than maximum length 15", 0),
      ("fe80::1 dev eth0 label x", "Cannot specify label for IPv6 addresses", 1),
      ("192.0.2.1/24 dev eth0 peer 192.0.2.2", "Cannot specify address prefix when", 1),
      ("192.0.2.1 dev eth0 peer 192.0.2.2 peer 192.0.2.3", "another peer has already been", 1),
      ("192.0.2.1 dev eth0 preferred_lft x", "preferred_lft x is invalid", 1),
      ("192.0.2.1 dev eth0 use_vmac", "Unknown configuration entry 'use_vmac'", 1),
      ("192.0.2.1 dev eth0 track_group h", "track_group h not found", 1),
      ("192.0.2.1 dev eth0 track_group g track_group g foo", "track_group g is a duplicate", 1),
    ])
  func badAddress(line: String, message: String, kept: Int) {
    let outcome = Self.list("static_ipaddress", line)
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.lines == [5])
    #expect(outcome.configuration.vrrp.staticAddresses.count == kept)
  }

  @Test("Words of addresses")
  func addresses() throws {
    let outcome = read(
      """
      static_ipaddress {
        192.0.2.1/24 brd + label eth0:1 scope 254 noprefixroute
        192.0.2.1/24 dev eth1 broadcast - no_track
        2001:db8::1 dev eth1 -nodad home
        2001:db8::1/64 dev eth1 preferred_lft 30
        192.0.2.1 peer 192.0.2.2
      }
      """)
    #expect(outcome.messages == [])
    let lines = outcome.configuration.vrrp.staticAddresses
    try #require(lines.count == 5)
    #expect(lines[0].device == "eth0")
    #expect(lines[0].broadcast == IPv4Address(192, 0, 2, 255))
    #expect(lines[0].scope == 254)
    #expect(lines[0].flags == .noprefixroute)
    #expect(lines[1].broadcast == IPv4Address(192, 0, 2, 0))
    #expect(lines[2].preferredLifetime == 0)
    #expect(lines[2].flags == [.home, .duplicateAddressDetection])
    #expect(lines[3].preferredLifetime == 30)
    #expect(lines[4].prefixLength == 32)
  }

  @Test("A virtual address counts once")
  func duplicates() {
    let outcome = read(
      """
      vrrp_instance V {
      interface eth0
      virtual_router_id 5
      virtual_ipaddress {
      192.0.2.1
      192.0.2.1/24 dev eth1
      fe80::1
      }
      virtual_ipaddress_excluded {
      192.0.2.1
      192.0.2.1 dev eth1
      192.0.2.2
      192.0.2.2
      fe80::1
      }
      virtual_ipaddress {
      192.0.2.2
      }
      }
      """)
    #expect(outcome.lines == [6, 7, 10, 13, 17])
    #expect(outcome.configuration.vrrp.instances.first?.excludedAddresses.count == 3)
  }

  @Test("A static address needs an interface")
  func staticWithoutInterface() {
    let outcome = read("global_defs {\ndefault_interface none\n}\nstatic_ipaddress { 192.0.2.1 }\n")
    #expect(outcome.testExitStatus == 4)
    #expect(outcome.lines == [4])
    #expect(outcome.refusals == [Refusal(.vrrp, .missingInterface)])
  }

  @Test(
    "Faults of routes",
    arguments: [
      ("foo", "unknown route keyword foo", 0),
      ("10.1.0.0/24 via fe80::1", "Cannot mix IPv4 and IPv6 addresses for route", 0),
      ("10.1.0.0/24 via x", "invalid route via address x", 0),
      ("via 192.0.2.1", "Route must have a destination", 0),
      ("via 192.0.2.1 default", "addresses for route (default)", 0),
      ("10.1.0.0/24 table foo", "Routing table foo not found for route", 0),
      ("10.1.0.0/24 vrf eth0", "VRF eth0 not found for route", 0),
      ("10.1.0.0/24 tos foo", "TOS value foo is invalid", 0),
      ("10.1.0.0/24 scope foo", "Scope foo not found or invalid for route", 0),
      ("10.1.0.0/24 protocol foo", "Protocol foo not found or invalid for route", 0),
      ("10.1.0.0/24 protocol 20", "Route cannot be tracked if protocol is not", 1),
      ("10.1.0.0/24 metric 0x10", "Invalid metric 0x10 specified for route", 0),
      ("10.1.0.0/24 mtu foo", "Invalid mtu", 0),
      ("10.1.0.0/24 hoplimit 256", "Invalid hoplimit 256 specified for route", 0),
      ("10.1.0.0/24 rtt 1e5", "exponential form is no longer supported", 0),
      ("10.1.0.0/24 rtt 300", "rtt value 300 below minimum 200ms, resetting", 1),
      ("10.1.0.0/24 features foo", "feature foo not supported", 1),
      ("10.1.0.0/24 quickack 2", "Invalid quickack value 2 specified for route", 0),
      ("10.1.0.0/24 realms foo", "Invalid realms foo for route", 0),
      ("10.1.0.0/24 pref low", "pref is only valid for IPv6", 0),
      ("10.1.0.0/24 expires 5", "expires is only valid for IPv6", 0),
      ("10.1.0.0/24 from 192.0.2.0/24", "route from address only supported with IPv6", 0),
      ("10.1.0.0/24 ttl-propagate x", "ttl-propagate value x not recognised", 1),
      ("10.1.0.0/24 gw 192.0.2.1", "\"gw\" for routes is deprecated", 1),
      ("10.1.0.0/24 via 192.0.2.1 or 192.0.2.2", "\"or\" for routes is deprecated", 1),
      ("10.1.0.0/24 as to 192.0.2.1", "\"as to\" for MPLS only - ignoring", 1),
      ("10.1.0.0/24 encap foo", "Unknown encap type - foo", 0),
      ("10.1.0.0/24 encap ip ttl 5", "address or id missing for ip encapsulation", 0),
      ("10.1.0.0/24 encap mpls 20/x", "invalid mpls address 20/x for encapsulation", 0),
      ("10.1.0.0/24 encap ila 1:2:3", "invalid locator 1:2:3 for ila encapsulation", 0),
      ("10.1.0.0/24 nexthop via fe80::1", "Address family mismatch for next hop", 1),
      ("10.1.0.0/24 nexthop via 192.0.2.1 foo", "trailing nonsense after nexthops - foo", 1),
      ("10.1.0.0/24 via 192.0.2.1 track_group g", "cannot have track group if no oif", 1),
      ("to unreachable 1.2.3.0/24", "unknown route keyword unreachable", 0),
    ])
  func badRoute(line: String, message: String, kept: Int) {
    let outcome = Self.list("static_routes", line)
    #expect(
      outcome.messages.contains { $0.lowercased().contains(message.lowercased()) },
      "\(outcome.messages)")
    #expect(outcome.lines == [5])
    #expect(outcome.configuration.vrrp.staticRoutes.count == kept)
  }

  @Test("Words of routes")
  func routes() throws {
    let outcome = read(
      """
      static_routes {
        default via 192.0.2.1 dev eth0 table blue metric 5 onlink append
        unreachable 10.2.0.0/16 no_track protocol static
        ::/0 via fe80::1 dev eth0 mtu lock 1400 rtt 2.5s pref high expires 60
        10.3.0.0/16 nexthop via 192.0.2.1 weight 2 nexthop via 192.0.2.2 dev eth1 onlink
        10.4.0.0/16 encap ip id 7 dst 192.0.2.5 ttl 9 dev eth0 vrf red
        10.5.0.0/16 encap mpls 100/0x10 via 192.0.2.1 realms 3/4
        inet6 ignored default6 dev eth0
      }
      """)
    #expect(outcome.messages == [])
    let routes = outcome.configuration.vrrp.staticRoutes
    try #require(routes.count == 7)
    #expect(routes[0].table == 100)
    #expect(routes[0].placement == .append)
    #expect(routes[0].destination == Prefix(address: nil, length: 0))
    #expect(routes[1].type == 7)
    #expect(routes[1].routeProtocol == 4)
    #expect(
      routes[2].metrics == [
        RouteLine.Metric(.mtu, 1400, isLocked: true), RouteLine.Metric(.rtt, 20_000),
      ])
    #expect(routes[2].preference == 1)
    #expect(routes[2].family == .ipv6)
    #expect(routes[3].nexthops.map(\.weight) == [2, 1])
    #expect(routes[3].nexthops.last?.device == "eth1")
    guard case .ip(let tunnel)? = routes[4].encapsulation else {
      Issue.record("no tunnel")
      return
    }
    #expect(tunnel.id == 7)
    #expect(tunnel.hopLimit == 9)
    #expect(routes[4].table == 77)
    #expect(routes[5].encapsulation == .mpls([100, 16]))
    #expect(routes[5].realms == 0x3_0004)
    #expect(routes[6].family == .ipv6)
  }

  @Test(
    "Faults of rules",
    arguments: [
      ("from 192.0.2.1 priority 5", "No action specified for rule - ignoring", 0),
      ("from 192.0.2.1 table 5", "no preference specified - setting to 16384.", 1),
      ("from 192.0.2.1 priority 5 table 0", "Table 0 is not valid", 0),
      ("from 192.0.2.1 priority 5 table x", "Routing table x not found for rule", 0),
      ("from 192.0.2.1 to fe80::1 priority 5 table 5", "mixed IPv4 and IPv6", 0),
      ("from x", "Invalid rule from address x", 0),
      ("foo", "Unknown rule option foo", 0),
      ("from 192.0.2.1 priority x table 5", "Invalid rule preference priority specified", 0),
      ("priority 5 table 5 fwmark x", "Invalid rule fwmark x specified", 0),
      ("from fe80::1 priority 5 table 5 realms 5", "realms is only valid for IPv4", 0),
      ("priority 5 blackhole realms 5", "suppressor/realm specified for non table action", 0),
      ("priority 5 table 5 sup_group x", "suppress_group x is invalid", 0),
      ("priority 5 table 5 tunnel-id x", "Invalid tunnel-id", 0),
      ("priority 5 table 5 uidrange 9", "Invalid uidrange", 0),
      ("priority 5 table 5 l3mdev", "Cannot specify l3mdev with other action", 0),
      ("priority 5 table 5 blackhole", "Cannot specify more than one of table", 0),
      ("priority 5 table 5 ipproto 200", "Invalid ipproto 200", 0),
      ("priority 5 table 5 sport 80", "invalid sport range 80", 1),
      ("priority 5 type local", "Invalid rule action local", 0),
      ("priority 5 goto 3", "Invalid rule - preference 5 >= goto target 3", 0),
      ("goto 3", "goto target 3 specified without preference", 0),
      ("priority 5 table 5 protocol 20", "Rule cannot be tracked if protocol is not", 1),
      ("priority 5 table 5 track_group g", "cannot have track_group if dev/iif", 1),
    ])
  func badRule(line: String, message: String, kept: Int) {
    let outcome = Self.list("static_rules", line)
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.lines == [5])
    #expect(outcome.configuration.vrrp.staticRules.count == kept)
  }

  @Test("Words of rules")
  func rules() throws {
    let outcome = read(
      """
      static_rules {
        from 192.0.2.0/24 lookup green priority 0x10 fwmark 1/0xff not
        inet6 inet6 fwmark 7 table 5 order 6
        to 192.0.2.1 7 priority 8 ipproto tcp dport 80-90 uidrange 5-9
        priority 9 goto 20 iif eth0 oif eth1
        priority 10 l3mdev
        priority 11 table main suppress_prefixlength 0
      }
      """)
    #expect(outcome.messages == [])
    let rules = outcome.configuration.vrrp.staticRules
    try #require(rules.count == 6)
    #expect(rules[0].action == .table(101))
    #expect(rules[0].priority == 16)
    #expect(rules[0].fwmask == 255)
    #expect(rules[0].isInverted)
    #expect(rules[1].family == .ipv6)
    #expect(rules[2].action == .unreachable)
    #expect(rules[2].destinationPorts == 80...90)
    #expect(rules[2].ipProtocol == 6)
    #expect(rules[3].action == .goto(20))
    #expect(rules[4].action == .l3mdev)
    #expect(rules[5].action == .table(254))
  }

  // As keepalived 2.2.7 writes them.
  @Test(
    "A route in words",
    arguments: [
      (
        "192.0.2.0/24 via 10.1.0.254 dev eth0",
        "prepend 192.0.2.0/24 via inet 10.1.0.254 dev eth0 proto 18"
      ),
      (
        "192.0.3.0/24 nexthop via 10.1.0.2 nexthop via 10.1.0.3 weight 5 realms 3 onlink",
        "prepend 192.0.3.0/24 proto 18 nexthop via inet 10.1.0.2"
          + " nexthop via inet 10.1.0.3 weight 5 onlink realm 3"
      ),
      (
        "192.0.7.0/24 dev eth0 src 10.1.0.1 mtu lock 1400 advmss 1300 rtt 2s rttvar 0.5s"
          + " rto_min lock 250ms congctl reno features ecn hoplimit 7 quickack 1",
        "prepend 192.0.7.0/24 src 10.1.0.1 dev eth0 proto 18 congctl reno rtt 2s rttvar 500ms"
          + " rto_min lock 250ms features ecn mtu lock 1400 advmss 1300 hoplimit 7 quickack 1"
      ),
      (
        "192.0.9.0/24 encap ip id 5 dst 10.9.9.9 ttl 4 tos 0x10 flags 3 dev eth0",
        "prepend 192.0.9.0/24 encap ip id 5 dst 10.9.9.9 tos 16 ttl 4 flags 0x3 dev eth0 proto 18"
      ),
      (
        "192.0.10.0/24 encap mpls 100/200 via 10.1.0.254 dev eth0",
        "prepend 192.0.10.0/24 encap mpls 64000/c8100 via inet 10.1.0.254 dev eth0 proto 18"
      ),
      (
        "2001:db8:a::/48 encap ila 1:2:3:4 via fe80::5 dev eth0",
        "prepend 2001:db8:a::/48 encap ila 288233674720149760 via inet6 fe80::5 dev eth0 proto 18"
      ),
      (
        "2001:db8:13::/48 via fe80::5 dev eth0 pref high expires 100 metric 3",
        "prepend 2001:db8:13::/48 via inet6 fe80::5 dev eth0 proto 18 metric 3 expires 100sec"
          + " pref high"
      ),
      (
        "add default via 10.1.0.254 table 1000 no_track",
        "add default via inet 10.1.0.254 table 1000 proto 18 no_track"
      ),
      (
        "append unreachable 192.0.16.1 table 255 realms 5/6 ttl-propagate disabled scope 253",
        "append unreachable 192.0.16.1 table 255 proto 18 scope 253 realms 5/6"
          + " ttl-propagate disabled"
      ),
    ])
  func routeText(line: String, expected: String) {
    let routes = Self.list("static_routes", line).configuration.vrrp.staticRoutes
    #expect(routes.map(\.description) == [expected])
  }

  // As keepalived 2.2.7 writes them.
  @Test(
    "A rule in words",
    arguments: [
      (
        "from 10.0.0.0/8 table 100 priority 100",
        "from 10.0.0.0/8 priority 100 tos 0x0 protocol 18 lookup 100"
      ),
      (
        "to 10.2.0.0/16 fwmark 5/0xff iif eth0 oif eth0 table 1000 suppress_prefixlength 3"
          + " suppress_ifgroup 2 priority 101 tunnel-id 7 uidrange 3-4",
        "from all to 10.2.0.0/16 priority 101 tos 0x0 fwmark 0x5/0xff iif eth0 oif eth0"
          + " suppress_prefixlen 3 suppress_ifgroup 2 tunnel-id 7 uidrange 3-4 protocol 18"
          + " lookup 1000"
      ),
      (
        "from 10.4.0.0/16 l3mdev priority 103",
        "from 10.4.0.0/16 priority 103 tos 0x0 l3mdev protocol 18 lookup 0"
      ),
      (
        "from 10.5.0.0/16 table 100 priority 104 no_track realms 3/4",
        "from 10.5.0.0/16 priority 104 tos 0x0 realms 3/4 lookup 100 no_track"
      ),
      (
        "from ::/0 fwmark 7 blackhole priority 105",
        "from ::/0 priority 105 tos 0x0 fwmark 0x7 protocol 18 type blackhole"
      ),
      (
        "not inet6 inet6 ipproto 6 sport 1-2 dport 80-90 goto 200 priority 5",
        "inet6 not from all priority 5 tos 0x0 protocol 18 ipproto 6 sport 1-2 dport 80-90 goto 200"
      ),
    ])
  func ruleText(line: String, expected: String) {
    let rules = Self.list("static_rules", line).configuration.vrrp.staticRules
    #expect(rules.map(\.description) == [expected])
  }

  @Test("A line knows where it stands, and is the same elsewhere")
  func position() throws {
    let outcome = Self.list("static_routes", "10.1.0.0/24 dev eth0\n\n10.1.0.0/24 dev eth0")
    let routes = outcome.configuration.vrrp.staticRoutes
    try #require(routes.count == 2)
    #expect(routes[0] == routes[1])
    #expect(routes.map(\.position.line) == [5, 7])
    #expect(routes[0].position.description.hasSuffix("Line 5"))
    #expect(LinePosition().description == "")
  }

  @Test("Rules without a number are counted down, each family apart")
  func rulePriorities() {
    let outcome = read(
      "static_rules {\nfrom 192.0.2.1 table 5\nfrom fe80::1 table 5\nfrom 192.0.2.2 table 5\n}\n")
    #expect(outcome.lines == [2, 3, 4])
    #expect(outcome.configuration.vrrp.staticRules.map(\.priority) == [16384, 16384, 16383])
  }

  @Test("A word that is missing at the end of a route ends the reading")
  func missingWord() {
    #expect(Self.list("static_routes", "10.1.0.0/24 via").testExitStatus == 2)
    #expect(Self.list("static_rules", "from 192.0.2.1 type").testExitStatus == 2)
  }
}
