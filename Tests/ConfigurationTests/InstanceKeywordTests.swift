import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("vrrp_instance")
struct InstanceKeywordTests {
  @Test(
    "A bad value is reported on its line",
    arguments: [
      ("interface abcdefghijklmnopqrst", "Interface name 'abcdefghijklmnopqrst' too long"),
      ("virtual_router_id 256", "(V): VRID '256' not valid - must be between 1 & 255"),
      ("version 4", "(V): Version must be either 2 or 3"),
      ("native_ipv6", "(V) Cannot specify native_ipv6 with IPv4 addresses"),
      ("state SLAVE", "(V) unknown state 'SLAVE', defaulting to BACKUP"),
      ("priority 0", "(V) Priority not valid! must be between 1 & 255. Using default 100"),
      ("strict_mode x", "(V) invalid strict_mode x specified"),
      ("debug 5", "(V) Debug value '5' not valid; must be between 0-4"),
      ("advert_int 256", "(V) Advert interval (256) not valid! Must be > 0 - ignoring"),
      ("down_timer_adverts 0", "(V): Invalid down_timer_adverts [1:100] '0'"),
      ("preempt_delay 1001", "(V) Preempt_delay not valid! must be between 0-1000"),
      ("lower_prio_no_advert x", "(V) invalid lower_prio_no_advert x specified"),
      ("mcast_src_ip x", "malformed src address[x]. Skipping..."),
      ("mcast_src_ip fe80::1", "src address[fe80::1] MUST be of the same family"),
      ("mcast_dst_ip 192.0.2.1", "(V) mcast_dst_ip 192.0.2.1 not multicast. Skipping..."),
      ("kernel_rx_buf_size x", "(V) invalid kernel_rx_buf_size specified"),
      ("unicast_ttl 256", "(V): TTL '256' not valid - must be between 0 & 255"),
      ("garp_master_delay x", "(V): garp_master_delay 'x' invalid - ignoring"),
      ("garp_master_repeat 0", "(V): garp_master_repeat must be greater than 0, setting to 1"),
      ("garp_lower_prio_repeat x", "(V): Invalid garp_lower_prio_repeat 'x'"),
      ("garp_extra_if", "(V): garp_extra_if specified without time - ignoring"),
      ("vmac_garp_intvl 5", "please use \"garp_extra_if\""),
      ("old_unicast_checksum x", "(V) Unknown old_unicast_chksum mode x - ignoring"),
      ("smtp_alert x", "Invalid vrrp_instance smtp_alert parameter x"),
      ("notify_priority_changes x", "(V) Invalid value 'x' for notify_priority_changes specified"),
      ("linkbeat_use_polling", "deprecated - use linkbeat_interfaces block"),
      ("lvs_sync_daemon_interface eth0", "Please use global lvs_sync_daemon"),
      ("authentication { auth_type FOO }", "(V) unknown authentication type 'FOO'"),
      ("use_ipvlan 192.0.2.7 a b", "(V) IPVLAN interface already specified - ignoring 'b'"),
      ("use_vmac a b", "VMAC interface name already specified"),
      ("use_vmac 01:00:00:00:00:01", "VMAC MAC address is multicast"),
      ("use_vmac 00:00:5e:00:01:05", "not allowed to be RFC5798 address"),
      ("use_vmac eth0", "(V) interface eth0 already exists and is not a private macvlan"),
      ("bogus", "Unknown keyword 'bogus'"),
      ("unicast_peer { x }", "malformed unicast peer address[x]. Skipping..."),
      ("unicast_peer { fe80::1 }", "MUST be of the same family"),
      ("track_script { s }", "(V) track script s not found, ignoring..."),
      ("track_file { f }", "(V) track file f not found, ignoring..."),
      ("track_process { p }", "(V) track process p not found, ignoring..."),
      ("track_bfd { b }", "(V) track bfd b not found, ignoring..."),
      ("track_interface { eth1 weight }", "(V) weight without value specified"),
      ("track_interface { eth1 wait 5 }", "(V) unknown track_interface option wait - ignoring"),
      ("track_interface { eth1 weight 300 }", "(V) weight 300 for eth1 must be between"),
      ("track_interface { eth1 weight 254 }", "(V) weight 254 for eth1 must be between"),
      ("track_interface { eth1 weight 5 noreverse }", "eth1 weight option noreverse"),
    ])
  func badValue(line: String, message: String) {
    let outcome = read(instance(line))
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.lines == [5])
  }

  @Test(
    "Without its word the keyword ends the reading",
    arguments: [
      "interface", "virtual_router_id", "priority", "state", "advert_int", "mcast_src_ip",
      "notify_master", "vrf", "track_interface { eth1 weight }\nversion",
    ])
  func missingWord(line: String) {
    let outcome = read(instance(line))
    #expect(outcome.testExitStatus == 2)
    #expect(outcome.refusals == [Refusal(.vrrp, .missingParameter)])
  }

  @Test("Values arrive in the tree")
  func values() throws {
    let outcome = read(
      instance(
        """
        state BACKUP
        priority 150
        version 3
        advert_int 0.5
        nopreempt
        mcast_src_ip 192.0.2.1
        unicast_peer {
          192.0.2.2
          192.0.2.3 min_ttl 250 max_ttl 255
        }
        garp_master_refresh 60
        kernel_rx_buf_size 4096
        timer_expired_backup
        dont_track_primary
        """))
    #expect(outcome.messages == [])
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(instance.virtualRouterID == VirtualRouterID(rawValue: 5))
    #expect(instance.priority == Priority(rawValue: 150))
    #expect(instance.isPriorityExplicit)
    #expect(instance.version == .three)
    #expect(instance.advertInt == .milliseconds(500))
    #expect(instance.nopreempt)
    #expect(instance.sourceAddress == .ipv4(IPv4Address(192, 0, 2, 1)))
    #expect(instance.unicastPeers.map(\.minTTL) == [0, 250])
    #expect(instance.checkUnicastSrc)
    #expect(instance.garp.masterRefresh == .seconds(60))
    #expect(instance.timerExpiredBackup == .highestBackup)
    #expect(instance.virtualAddresses.first?.placement == .interface)
    #expect(instance.accept)
    #expect(outcome.configuration.presence.vrrp)
  }

  @Test("state MASTER without a priority is the owner")
  func masterWithoutPriority() throws {
    let outcome = read(instance("state MASTER"))
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(instance.isOwner)
    #expect(!instance.isPriorityExplicit)
    #expect(instance.state == .master)
  }

  @Test("A later BACKUP does not undo MASTER")
  func stateSticks() {
    let outcome = read(instance("state MASTER\nstate BACKUP"))
    #expect(outcome.lines == [6])
    #expect(outcome.configuration.vrrp.instances.first?.state == .master)
  }

  @Test("The version must fit what is known")
  func version() {
    #expect(read(instance("version 2\nversion 3")).lines == [6])
    let ipv6 = read(instance("version 2", address: "fe80::1"))
    #expect(ipv6.lines == [5])
    #expect(ipv6.configuration.vrrp.instances.first?.version == .three)
    let given = read("global_defs {\nvrrp_version 3\n}\n" + instance(""))
    #expect(given.configuration.vrrp.instances.first?.version == .three)
  }

  @Test("Any boolean turns skip_check_adv_addr on")
  func skipCheck() {
    let outcome = read(instance("skip_check_adv_addr no"))
    #expect(outcome.configuration.vrrp.instances.first?.skipCheckAdvAddr == true)
  }

  @Test(
    "The names of instances", arguments: ["vrrp_instance {\n}\n", "vrrp_instance A B {\nfoo\n}\n"])
  func names(text: String) {
    let outcome = read(text)
    #expect(outcome.messages == ["vrrp_instance must have a name"])
    #expect(outcome.lines == [1])
  }

  @Test("The second block of a name is passed over")
  func duplicate() {
    let outcome = read(instance("") + "vrrp_instance V {\nbogus\n}\n")
    #expect(outcome.messages == ["vrrp instance V already defined"])
    #expect(outcome.configuration.vrrp.instances.count == 1)
  }

  @Test("Keys of auth_hmac")
  func hmac() throws {
    let host = FakeHost()
    let secret = String(repeating: "k", count: 32)
    host.keyFiles["/etc/key"] = .contents(
      Array("hex:\(String(repeating: "0a", count: 32))\n".utf8), isPrivate: true)
    let block = """
      auth_hmac {
      key 1 \(secret)
      key 2 file:/etc/key
      key 2 \(secret)
      key 3 short
      key 0 \(secret)
      key 4 file:/none
      key 5
      active_key 2
      mode permissive
      anti_replay always
      }
      """
    let outcome = read(instance(block), host: host)
    #expect(outcome.lines == [8, 9, 10, 11, 12, 15])
    let hmac = try #require(outcome.configuration.vrrp.instances.first?.authHMAC)
    #expect(hmac.keys.map(\.id) == [1, 2])
    #expect(hmac.keys.last?.secret == [UInt8](repeating: 10, count: 32))
    #expect(hmac.mode == .permissive)
    #expect(hmac.timeWindow == .seconds(5))
  }

  @Test("A key file that others can read is a question of security")
  func openKeyFile() {
    let host = FakeHost()
    host.keyFiles["/k"] = .contents([UInt8](repeating: 65, count: 40), isPrivate: false)
    let outcome = read(
      instance("auth_hmac {\nkey 1 file:/k\nactive_key 1\n}"), host: host)
    #expect(outcome.testExitStatus == 6)
    #expect(outcome.lines == [6])
  }

  @Test("use_vmac in parts")
  func vmac() throws {
    let outcome = read(instance("use_vmac vr5\nuse_vmac 02:0:0:0:0:1 group lan"))
    #expect(outcome.messages == [])
    #expect(outcome.hints == [])
    let instance = try #require(outcome.configuration.vrrp.instances.first)
    #expect(instance.vmac?.name == "vr5")
    #expect(instance.vmac?.group == 7)
    #expect(instance.vmac?.address == MACAddress([2, 0, 0, 0, 0, 1]))
    #expect(instance.virtualAddresses.first?.placement == .instanceVMAC)
  }
}
