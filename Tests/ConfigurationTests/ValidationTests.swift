import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("End-of-read checks")
struct ValidationTests {
  /// What is wrong, what the instance becomes, and what is said.
  struct Row: Sendable, CustomTestStringConvertible {
    var lines: String
    var address: String?
    var message: String
    var holds: @Sendable (VRRPInstance) -> Bool
    var testDescription: String { lines }

    init(
      _ lines: String, _ message: String, address: String? = "192.0.2.9",
      holds: @escaping @Sendable (VRRPInstance) -> Bool
    ) {
      self.lines = lines
      self.address = address
      self.message = message
      self.holds = holds
    }
  }

  static let password = "authentication {\nauth_type PASS\nauth_pass x\n}"
  static let key = "key 1 \(String(repeating: "k", count: 32))"

  static let rows: [Row] = [
    Row(
      "version 2\nstrict_mode\nvirtual_ipaddress { fe80::1 }",
      "(V) cannot use IPv6 with VRRP version 2; setting version 3", address: nil
    ) { $0.version == .three },
    Row(
      "strict_mode\nstate MASTER\npriority 100", "(V) State MASTER must match being address owner"
    ) {
      $0.state == .backup
    },
    Row(
      "strict_mode\nstate BACKUP\npriority 255", "(V) State MASTER must match being address owner"
    ) {
      $0.state == .master
    },
    Row("strict_mode\n\(password)", "(V) Strict mode does not support authentication. Ignoring.") {
      $0.authentication == nil
    },
    Row("version 3\n\(password)", "(V) VRRP version 3 does not support authentication. Ignoring.") {
      $0.authentication == nil
    },
    Row(
      "authentication {\nauth_type PASS\n}",
      "(V) Authentication specified but no password given. Ignoring"
    ) { $0.authentication == nil },
    Row(
      "version 2\nauthentication {\nauth_type AH\nauth_pass x\n}\nvirtual_ipaddress { fe80::1 }",
      "(V) Cannot use AH authentication with IPv6. ignoring", address: nil
    ) { $0.authentication == nil },
    Row(
      "state MASTER\npriority 200\nauthentication {\nauth_type AH\nauth_pass x\n}",
      "(V) Initial state master is incompatible with AH authentication - clearing"
    ) { $0.state == .backup && $0.authentication?.type == .ah },
    Row(
      "\(password)\nauth_hmac {\n\(key)\nactive_key 1\n}",
      "(V) Cannot use authentication with auth_hmac. Ignoring authentication"
    ) { $0.authentication == nil && $0.authHMAC != nil },
    Row(
      "auth_hmac {\n\(key)\nactive_key 2\n}",
      "(V) auth_hmac active_key 2 is not defined. Ignoring auth_hmac"
    ) { $0.authHMAC == nil },
    Row(
      "strict_mode\nauth_hmac {\n\(key)\nactive_key 1\nmode permissive\n}",
      "(V) Strict mode requires auth_hmac mode enforce. Setting it"
    ) { $0.authHMAC?.mode == .enforce },
    Row(
      "mcast_src_ip 192.0.2.1\ncheck_unicast_src",
      "(V) A unicast keyword has been specified without any unicast peers. Defaulting to multicast."
        + " This usage is deprecated - please update your configuration."
    ) { !$0.isUnicast },
    Row(
      "unicast_peer { 192.0.2.2 }\nmcast_dst_ip 224.0.0.20",
      "(V) multicast destination specified with unicast - ignoring"
    ) { $0.isUnicast },
    Row(
      "strict_mode\nuse_vmac 02:00:00:00:00:01",
      "(V): cannot specify MAC address with strict mode - clearing"
    ) { $0.vmac?.address == nil },
    Row(
      "use_ipvlan",
      "(V) IPv4 ipvlan requires a source ip address to be configured. setting instance to fault"
        + " state"
    ) { $0.hasConfigurationFault },
    Row(
      "use_vmac\npromote_secondaries",
      "(V) promote_secondaries is automatically set for vmacs - ignoring"
    ) { !$0.promoteSecondaries },
    Row("vrf red", "(V) Cannot specify VRF interface and interface - ignoring") { $0.vrf == nil },
    Row(
      "interface ppp0", "(V) interface does not support multicast. setting instance to fault state"
    ) { $0.hasConfigurationFault },
    Row(
      "priority 255\nnopreempt",
      "(V) nopreempt is incompatible with priority 255. resetting nopreempt"
    ) { !$0.nopreempt },
    Row(
      "state MASTER\npriority 200\nnopreempt",
      "(V) Warning - nopreempt will not work with initial state MASTER - clearing"
    ) { !$0.nopreempt },
    Row(
      "state MASTER\npriority 200\npreempt_delay 5",
      "(V) Warning - preempt delay will not work with initial state MASTER - clearing"
    ) { $0.preemptDelay == .zero },
    Row(
      "nopreempt\npreempt_delay 5",
      "(V) preempt_delay is incompatible with nopreempt mode - resetting"
    ) { $0.preemptDelay == .zero && $0.nopreempt },
    Row(
      "strict_mode\npreempt_delay 5",
      "(V) preempt_delay is incompatible with strict mode - resetting"
    ) { $0.preemptDelay == .zero },
    Row(
      "strict_mode\ndown_timer_adverts 4",
      "(V) down_timer_adverts is incompatible with strict mode - resetting"
    ) { $0.downTimerAdverts == 3 },
    Row("timer_expired_backup", "(V) expired_timer_backup requires nopreempt - clearing") {
      $0.timerExpiredBackup == nil
    },
    Row(
      "strict_mode\naccept",
      "(V) warning - accept mode for VRRP version 2 does not comply with RFC3768 - resetting"
    ) { !$0.accept },
    Row(
      "strict_mode\ngarp_lower_prio_repeat 3",
      "(V) Strict mode requires no repeat garps. resetting"
    ) { $0.garp.lowerPrioRepeat == 0 },
    Row(
      "strict_mode\ngarp_lower_prio_delay 3",
      "(V) Strict mode requires no repeat garp delay. resetting"
    ) { $0.garp.lowerPrioDelay == .zero },
    Row(
      "strict_mode\nlower_prio_no_advert false",
      "(V) Strict mode requires no lower priority advert. resetting"
    ) { $0.lowerPrioNoAdvert },
    Row(
      "strict_mode\nhigher_prio_send_advert",
      "(V) strict mode requires higher_prio_send_advert to be clear. resetting"
    ) { !$0.higherPrioSendAdvert },
    Row("owner_ignore_adverts", "(V) owner_ignore_adverts requires priority 255. resetting") {
      !$0.ownerIgnoreAdverts
    },
    Row(
      "priority 255\nowner_ignore_adverts off",
      "(V) strict_mode with priority 255 requires owner_ignore_adverts"
    ) { $0.ownerIgnoreAdverts },
    Row(
      "advert_int 1.5", "(V) VRRPv2 advertisement interval 1.500000s must be an integer. rounding"
    ) { $0.advertInt == .seconds(2) },
    Row(
      "advert_int 0.4", "(V) VRRPv2 advertisement interval 0.400000s must be an integer. rounding"
    ) { $0.advertInt == .seconds(1) },
    Row(
      "version 3\nadvert_int 50",
      "(V) VRRPv3 advertisement interval 50.00s is out of range. Must be less than 40.96s."
        + " Setting to 40.95s"
    ) { $0.advertInt == .centiseconds(4095) },
    Row(
      "version 3\nadvert_int 1.005",
      "(V) VRRPv3 advertisement interval 1.005000s must be in units of 10ms - rounding"
    ) { $0.advertInt == .centiseconds(101) },
    Row("track_interface { eth0 }", "(V) Ignoring track_interface eth0 since own interface") {
      $0.trackInterfaces.isEmpty
    },
    Row("vmac_xmit_base", "(V) vmac_xmit_base is only valid with a vmac") { !$0.vmacXmitBase },
    Row(
      "strict_mode\nno_virtual_ipaddress",
      "(V) no_virtual_ipaddress is incompatible with strict mode - ignoring"
    ) { !$0.virtualAddresses.isEmpty },
    Row("", "(V) No VIP specified; at least one is sensible", address: nil) {
      $0.virtualAddresses.isEmpty
    },
    Row(
      "strict_mode", "(V) the first IPv6 VIP address must be link local", address: "2001:db8::1"
    ) {
      $0.version == .three
    },
  ]

  @Test("A rule is applied and reported", arguments: rows)
  func rule(_ row: Row) throws {
    let outcome = read(instance(row.lines, address: row.address))
    #expect(outcome.messages == [row.message])
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.refusals.isEmpty)
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(row.holds(instance))
  }

  @Test(
    "Some instances cannot work at all",
    arguments: [
      ("vrrp_instance V {\ninterface eth0\n}\n", "(V) the virtual router id must be set"),
      ("vrrp_instance V {\nvirtual_router_id 5\n}\n", "(V) Unknown interface!"),
      (
        "vrrp_instance V {\nvirtual_router_id 5\nunicast_peer { 192.0.2.1 }\n}\n",
        "(V) Unicast instances must have unicast_src_ip or interface"
      ),
      (
        "vrrp_instance V {\nvirtual_router_id 5\nunicast_src_ip fe80::1\n"
          + "unicast_peer { fe80::2 }\n}\n",
        "(V) Non link-local address required if interface omitted"
      ),
      (
        instance("strict_mode\nunicast_peer { 192.0.2.1 }"),
        "(V) Unicast peers are not supported in strict mode"
      ),
      (instance("version 3", address: nil), "(V) No VIP specified; at least one is required"),
      (
        instance("") + instance("", name: "W", address: "192.0.2.8"),
        "V and W both use VRID 5 with IPv4 on interface eth0"
      ),
      (
        instance("unicast_peer { 192.0.2.1 }")
          + instance("unicast_peer { 192.0.2.1 }", name: "W", address: "192.0.2.8"),
        "(V) duplicate VRID conflict with W VRID 5"
      ),
    ])
  func fatal(text: String, message: String) {
    let outcome = read(text)
    #expect(outcome.messages == [message])
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.refusals == [Refusal(.vrrp, .invalidInstance)])
  }

  @Test("The same VRID is fine where packets cannot meet")
  func sameVRID() {
    let other =
      "vrrp_instance W {\ninterface eth1\nvirtual_router_id 5\nvirtual_ipaddress { 192.0.2.7 }\n}\n"
    #expect(read(instance("") + other).messages == [])
    let ipv6 = instance("", name: "W", address: "fe80::1")
    #expect(read(instance("") + ipv6).messages == [])
    let group = instance("mcast_dst_ip 224.0.0.99", name: "W", address: "192.0.2.8")
    #expect(read(instance("") + group).messages == [])
  }

  @Test("Two instances that go separate ways do not share a VMAC: the later one is at fault")
  func sharedVMAC() throws {
    let first = instance("use_vmac")
    let second =
      "vrrp_instance W {\ninterface eth1\nvirtual_router_id 5\n"
      + "virtual_ipaddress { 192.0.2.8/24 dev eth0 use_vmac }\n}\n"
    let outcome = read(first + second)
    try #require(outcome.messages.count == 1)
    #expect(outcome.messages[0].hasPrefix("(V) VIP/eVIP 192.0.2.8/24 uses same VMAC as VRRP"))
    #expect(outcome.messages[0].hasSuffix(", disabling W"))
    #expect(outcome.configuration.vrrp.instances.map(\.hasConfigurationFault) == [false, true])
    #expect(outcome.testExitStatus == 5)
    let grouped = read("vrrp_sync_group G {\ngroup {\nV\nW\n}\n}\n" + first + second)
    #expect(grouped.messages == [])
    // Another hardware address is another VMAC.
    #expect(read(instance("use_vmac 02:00:00:00:00:07") + second).messages == [])
  }

  @Test("An interface that does not exist")
  func missingInterface() {
    let text =
      "vrrp_instance V {\ninterface eth7\nvirtual_router_id 5\nvirtual_ipaddress { 192.0.2.9 }\n}\n"
    let outcome = read(text)
    #expect(outcome.lines == [2])
    #expect(outcome.messages.last == "Non-existent interface specified in configuration")
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.refusals == [Refusal(.vrrp, .missingInterface)])
    let dynamic = read("global_defs {\ndynamic_interfaces\n}\n" + text)
    #expect(dynamic.messages == [])
    #expect(dynamic.refusals.isEmpty)
    #expect(dynamic.configuration.vrrp.instances.first?.interface == "eth7")
  }

  @Test("A loopback interface is none for VRRP")
  func loopback() {
    let outcome = read(
      "vrrp_instance V {\ninterface lo\nvirtual_router_id 5\nvirtual_ipaddress { 192.0.2.9 }\n}\n")
    #expect(
      outcome.messages == [
        "(V) cannot use a loopback interface (lo) for vrrp - ignoring", "(V) Unknown interface!",
      ])
  }

  @Test("What is found where the block ends has the line of its brace")
  func endOfBlock() throws {
    let ttl = read(instance("unicast_ttl 5"))
    #expect(ttl.lines == [6])
    #expect(ttl.messages == ["(V): Cannot use unicast_ttl without unicast peers - resetting"])
    let vmac = read(instance("use_vmac\nunicast_peer { 192.0.2.1 }"))
    #expect(vmac.lines == [7])
    #expect(vmac.configuration.vrrp.instances.first?.vmacXmitBase == true)
  }

  @Test("Addresses that do not fit into a packet are moved")
  func manyAddresses() throws {
    let lines = (0..<300).map { "10.0.\($0 / 200).\($0 % 200 + 1)" }.joined(separator: "\n")
    let outcome = read(instance("virtual_ipaddress {\n\(lines)\n}", address: nil))
    #expect(outcome.messages.count == 1)
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(instance.virtualAddresses.count == 255)
    #expect(instance.excludedAddresses.count == 45)
    let host = FakeHost()
    host.interfaces["eth0"]?.mtu = 576
    let small = read(
      Self.ipv6Instance((1...40).map { "fe80::\($0)" }.joined(separator: "\n")), host: host)
    #expect(small.configuration.vrrp.instances.first?.virtualAddresses.count == 32)
  }

  private static func ipv6Instance(_ addresses: String) -> String {
    instance("virtual_ipaddress {\n\(addresses)\n}", address: nil)
  }

  @Test("Strict mode changes defaults silently")
  func strictDefaults() throws {
    let outcome = read("global_defs {\nvrrp_strict\n}\n" + instance(""))
    #expect(outcome.messages == [])
    let strict = try #require(outcome.configuration.vrrp.instances.first)
    #expect(strict.strictMode)
    #expect(!strict.accept)
    #expect(strict.lowerPrioNoAdvert)
    #expect(strict.garp.lowerPrioRepeat == 0)
    let owner = try #require(
      read(instance("strict_mode\npriority 255")).configuration.vrrp.instances.first)
    #expect(owner.ownerIgnoreAdverts)
    #expect(owner.accept)
  }

  @Test("Global defaults reach the instance wherever they stand")
  func globalDefaults() throws {
    let outcome = read(
      instance("") + """
        global_defs {
        vrrp_garp_master_repeat 2
        vrrp_garp_master_delay 9
        vrrp_down_timer_adverts 4
        vrrp_notify_priority_changes
        smtp_alert_vrrp
        vrrp_mcast_group4 224.0.0.77
        }

        """)
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(instance.garp.masterRepeat == 2)
    #expect(instance.garp.lowerPrioDelay == .seconds(9))
    #expect(instance.downTimerAdverts == 4)
    #expect(instance.notifyPriorityChanges)
    #expect(instance.smtpAlert)
    #expect(instance.multicastDestination == .ipv4(IPv4Address(224, 0, 0, 77)))
  }

  @Test("Addresses go where they belong")
  func placement() throws {
    let outcome = read(
      """
      vrrp_instance V {
      interface eth0
      virtual_router_id 5
      use_vmac
      use_vmac_addr
      virtual_ipaddress {
      192.0.2.1
      192.0.2.2 dev eth1
      }
      virtual_ipaddress_excluded {
      fe80::5
      }
      }
      vrrp_instance W {
      interface eth0
      virtual_router_id 6
      virtual_ipaddress {
      192.0.2.11 dev eth1
      192.0.2.12 use_vmac
      192.0.2.13 dev eth0
      }
      }
      """)
    let instances = outcome.configuration.vrrp.instances
    try #require(instances.count == 2)
    #expect(
      instances[0].virtualAddresses.map(\.placement) == [.instanceVMAC, .extraVMAC(on: "eth1")])
    #expect(instances[0].excludedAddresses.map(\.placement) == [.extraVMAC(on: "eth0")])
    #expect(
      instances[1].virtualAddresses.map(\.placement)
        == [.device("eth1"), .extraVMAC(on: "eth0"), .interface])
  }

  @Test("Debounce of links is shorter than the time to take over")
  func delays() {
    let text = "interface_up_down_delays {\neth0 10 1\neth1 10\n}\n"
    let outcome = read(text + instance(""))
    #expect(outcome.messages == [])
    let delays = outcome.configuration.vrrp.upDownDelays
    #expect(delays.map(\.down) == [Microseconds(1_996_094), .seconds(10)])
    #expect(delays.first?.up == .seconds(1))
    let single = read(text + instance("down_timer_adverts 1"))
    #expect(single.configuration.vrrp.upDownDelays.first?.down == .zero)
  }

  @Test("What has no effect gets a hint, and the exit status stays")
  func hints() {
    func hints(_ lines: String) -> [String] {
      let outcome = read(instance(lines))
      #expect(outcome.testExitStatus == 0, "\(outcome.messages)")
      return outcome.hints + outcome.remarks
    }
    #expect(hints("debug 1 priority 150") == ["'priority' behind 'debug' has no effect"])
    #expect(
      hints("authentication {\nauth_pass x\n}") == ["(V) auth_pass has no effect without auth_type"]
    )
    #expect(
      read(instance("authentication { auth_type PASS auth_pass x }")).hints
        == ["'auth_pass' behind 'auth_type' has no effect"])
    #expect(
      hints("notify_master /usr/bin/true a b").contains(
        "Invalid user/group for notify script /usr/bin/true - ignoring"))
    #expect(hints("nopreempt") == [])
  }

  @Test("The own address is no peer")
  func ownPeer() {
    let peers = "unicast_peer {\n192.0.2.1\n192.0.2.2\n}"
    let outcome = read(instance("unicast_src_ip 192.0.2.1\n" + peers))
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.remarks == ["(V) unicast peer 192.0.2.1 is the own address - ignoring"])
    #expect(
      outcome.configuration.vrrp.instances.first?.unicastPeers.map(\.address)
        == [.ipv4(IPv4Address(192, 0, 2, 2))])
    let alone = read(instance("unicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.1\n}"))
    #expect(alone.testExitStatus == 0)
    #expect(alone.remarks == ["(V) unicast peer 192.0.2.1 is the own address"])
    #expect(alone.configuration.vrrp.instances.first?.isUnicast == true)
  }

  @Test("-t says what a time with a unit is to a daemon")
  func unit() {
    let text = instance("advert_int 2s")
    #expect(
      read(text).hints == [
        "a daemon takes '2s' for 2.000000 here, and for 0.000002 in keepalived"
      ])
    let running = read(text, strictness: .run)
    #expect(running.configuration.vrrp.instances.first?.advertInt == .seconds(2))
    #expect(running.hints == [])
  }
}
