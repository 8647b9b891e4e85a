import Configuration
import Testing

/// What `-t` of the reference makes of small texts: its exit status and the lines that it names.
@Suite("Verdicts of -t")
struct VerdictTests {
  struct Verdict: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var status: Int32
    var lines: Set<Int>

    init(_ name: String, _ text: String, _ status: Int32, _ lines: Set<Int> = []) {
      testDescription = name
      self.text = text
      self.status = status
      self.lines = lines
    }
  }

  @Test(
    "Exit status and lines",
    arguments: warnings + scripts + groups + lists + ends + numbers + addresses + routes + rules
      + structure + words)
  func verdict(_ verdict: Verdict) {
    let outcome = read(verdict.text)
    #expect(outcome.testExitStatus == verdict.status, "\(outcome.messages)")
    #expect(outcome.lines == verdict.lines, "\(outcome.messages)")
  }

  private static let secure = "global_defs {\nscript_user root\nenable_script_security\n}\n"
  private static let script = "vrrp_script s {\nscript /usr/bin/true\n}\n"
  private static let one = instance("")
  /// 14 lines.
  private static let two =
    instance("") + instance("", name: "W", id: 6, address: "198.51.100.9")

  private static func global(_ line: String) -> String { "global_defs {\n\(line)\n}\n" + one }

  private static func service(_ lines: String, check: String = "TCP_CHECK {\n}") -> String {
    """
    virtual_server 192.0.2.1 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    \(lines)
    real_server 192.0.2.2 80 {
    \(check)
    }
    }

    """
  }

  // MARK: What is no fault

  static let warnings = [
    Verdict("an instance that lvs_sync_daemon does not find", global("lvs_sync_daemon eth0 X"), 0),
    Verdict("the same by inst", global("lvs_sync_daemon eth0 inst X"), 0),
    Verdict("host of SMTP_CHECK", service("", check: "SMTP_CHECK {\nhost {\n}\n}"), 0),
    Verdict("lvs_flush_onstop", global("lvs_flush_onstop"), 0),
    Verdict("vrrp_vmac_garp_intvl", global("vrrp_vmac_garp_intvl 5"), 5, [2]),
    Verdict("lvs_process_name", global("lvs_process_name x"), 0),
    Verdict("vrrp_iptables", global("vrrp_iptables"), 0),
    Verdict("vrrp_iptables IN OUT", global("vrrp_iptables A B"), 0),
    Verdict("vrrp_ipsets", global("vrrp_ipsets"), 0),
    Verdict("vrrp_ipsets of three names", global("vrrp_iptables A\nvrrp_ipsets a b c"), 0),
  ]

  static let scripts = [
    Verdict("not used", secure + script + one, 0),
    Verdict("an empty list of scripts", secure + script + instance("track_script {\n}"), 0),
    Verdict("without an instance", script + service(""), 0),
    Verdict("without an instance, missing", "vrrp_script s {\nscript /none\n}\n", 0),
    Verdict(
      "without an instance, but with a static address",
      script + "static_ipaddress {\n192.0.2.1 dev eth0\n}\n", 0),
    Verdict("missing", secure + "vrrp_script s {\nscript /none\n}\n" + one, 5),
    Verdict("a reader of the FIFO without an instance", fifo, 0),
    Verdict("a reader of the FIFO with one", fifo + one, 6),
    Verdict("a reader of the FIFO of servers without one", fifo("lvs_"), 0),
    Verdict("a reader of the FIFO of servers with one", fifo("lvs_") + service(""), 6),
  ]

  private static let fifo = fifo("")
  private static func fifo(_ prefix: String) -> String {
    "global_defs {\n\(prefix)notify_fifo_script /usr/bin/true\n}\n"
  }

  // MARK: Groups and lists

  static let groups = [
    Verdict("track_group without a list", "track_group g {\n}\n" + one, 5, [2]),
    Verdict("track_group of nobody", "track_group g {\ngroup {\n}\n}\n" + one, 5, [3, 4]),
    Verdict(
      "track_group of nobody, used",
      "track_group g {\n}\nstatic_ipaddress {\n192.0.2.1 dev eth0 track_group g\n}\n" + one, 5,
      [2, 4]),
    Verdict(
      "track_group with two lists",
      "track_group g {\ngroup {\nV\n}\ngroup {\nV\n}\n}\n" + one, 5, [5, 8]),
    Verdict("vrrp_sync_group of nobody", one + "vrrp_sync_group g {\ngroup {\n}\n}\n", 5, [9, 10]),
    Verdict("vrrp_sync_group without a list", one + "vrrp_sync_group g {\n}\n", 5, [8]),
    Verdict(
      "vrrp_sync_group with two lists",
      two + "vrrp_sync_group g {\ngroup {\nV\nW\n}\ngroup {\nV\n}\ntrack_interface {\neth1\n}\n}\n",
      5, [18, 21, 22, 23, 24]),
    Verdict(
      "a list behind an empty one",
      two + "vrrp_sync_group g {\ngroup {\n}\ngroup {\nV\nW\n}\n}\n", 5, [15]),
    Verdict("a group that tracks the members' interface", tracking("eth0"), 5),
    Verdict("a group that tracks another interface", tracking("eth1"), 0),
    Verdict(
      "a group that tracks an interface that no member does",
      tracking("eth0", member: "dont_track_primary"), 0),
  ]

  private static func tracking(_ interface: String, member: String = "") -> String {
    instance(member) + instance(member, name: "W", id: 6, address: "198.51.100.9")
      + "vrrp_sync_group g {\ngroup { V W }\ntrack_interface {\n\(interface)\n}\n}\n"
  }

  private static func garp(_ lines: String) -> String {
    "garp_group {\ngarp_interval 1\n\(lines)\n}\n" + one
  }

  static let lists = [
    Verdict("an interface that is not there", garp("interfaces {\neth0\nnone\n}"), 5, [6]),
    Verdict("an interface twice", garp("interfaces {\neth0\neth0\neth1\n}"), 5, [7]),
    Verdict(
      "an interface twice by one keyword each", garp("interface eth0\ninterface eth0"), 5, [4]),
    Verdict("no interface", garp("interfaces {\n}"), 5, [4]),
    Verdict("an interval that is no number", "garp_group {\ngarp_interval x\n}\n" + one, 5, [2]),
    Verdict("an interval below 0", "garp_group {\ngarp_interval -1\n}\n" + one, 5, [2, 3]),
    Verdict("a word too many", "linkbeat_interfaces {\neth0 MII x\n}\n" + one, 5, [2]),
    Verdict("two methods", "linkbeat_interfaces {\neth0 MII ETHTOOL\n}\n" + one, 5, [2]),
    Verdict("one method", "linkbeat_interfaces {\neth0 MII\n}\n" + one, 0),
    Verdict(
      "a directory as track_file",
      "track_file f {\nfile /etc\n}\n" + instance("track_file {\nf\n}"), 5, [3, 9]),
  ]

  // MARK: Where the text ends

  /// What is found at the end of the text has no line.
  static let ends = [
    Verdict("in a virtual server", "virtual_server 192.0.2.1 80 {\nprotocol TCP\n", 5),
    Verdict("behind the name of a script", one + "vrrp_script s\n", 5),
    Verdict("in a script", one + "vrrp_script s {\n", 5),
    Verdict("behind garp_group", one + "garp_group\n", 5),
    Verdict(
      "in a list of interfaces", one + "garp_group {\ngarp_interval 1\ninterfaces {\nnone", 5),
    Verdict("behind the name of a session", "bfd_instance b\n", 5),
    Verdict("behind the name of a file", "track_file f\n", 5),
    Verdict("in a group of virtual servers", "virtual_server_group g {\n", 5),
    Verdict("in a group", one + "vrrp_sync_group g {\n", 5),
    Verdict("in a list of recipients", "global_defs {\nnotification_email {\n", 5),
    Verdict("in an instance", "vrrp_instance V {\ninterface eth0\nunicast_ttl 5\n", 5),
  ]

  // MARK: Values

  static let numbers = [
    Verdict("a plus before a time", service("delay_loop +5"), 0),
    Verdict("a plus before a fraction", service("delay_before_retry +.5"), 0),
    Verdict("a plus before a start delay", global("vrrp_startup_delay +5"), 0),
    Verdict("a point alone", instance("preempt_delay ."), 0),
    Verdict("two signs", instance("preempt_delay +-5"), 5, [5]),
    Verdict("minus 0 as a processor", global("vrrp_cpu_affinity -0"), 0),
    Verdict("minus 1 as a processor", global("vrrp_cpu_affinity -1"), 5, [2]),
    Verdict("minus 0 as a count", global("vrrp_garp_master_repeat -0"), 5, [2]),
    Verdict(
      "a plus before a status",
      service("", check: "HTTP_GET {\nurl {\npath /\nstatus_code +200\n}\n}"),
      0),
    Verdict("a plus in init_file", "track_file f {\nfile /tmp/f\ninit_file +5\n}\n" + one, 5, [3]),
    Verdict("a directory that cannot be made", global("config_save_dir /nowhere/here"), 5, [2]),
    Verdict("a file as directory", global("config_save_dir /etc/passwd"), 5, [2]),
    Verdict(
      "a name too long", global("config_save_dir " + String(repeating: "x", count: 300)), 5, [2]),
    Verdict("a directory that can be made", global("config_save_dir /tmp/x"), 0),
    Verdict("a prefix of ipvlan too long", instance("use_ipvlan 192.0.2.3/33"), 5),
    Verdict("a prefix of ipvlan", instance("use_ipvlan 192.0.2.3/24"), 0),
    Verdict("two addresses of ipvlan", instance("use_ipvlan 192.0.2.3 192.0.2.4"), 5, [5]),
  ]

  private static func address(_ line: String) -> String {
    instance("virtual_ipaddress_excluded {\n\(line)\n}")
  }

  static let addresses = [
    Verdict("a peer with a bad prefix", address("192.0.2.5 peer 192.0.2.6/33"), 5, [6]),
    Verdict("a peer with a prefix", address("192.0.2.5 peer 192.0.2.6/24"), 5, [6]),
    Verdict("a host with a peer", address("192.0.2.5/32 peer 192.0.2.6"), 0),
    Verdict("a network with a peer", address("192.0.2.5/24 peer 192.0.2.6"), 5, [6]),
    Verdict("a scope of IPv6", address("2001:db8::9/64 scope 0"), 0),
    Verdict("a scope of IPv6 by name", address("2001:db8::9/64 scope global"), 0),
    Verdict("no scope of IPv6", address("2001:db8::9/64 scope x"), 5, [6]),
    Verdict("a label of IPv6", address("2001:db8::9/64 label x"), 5, [6]),
  ]

  private static func route(_ line: String) -> String { instance("virtual_routes {\n\(line)\n}") }

  static let routes = [
    Verdict("default by a hop of IPv6", route("all dev eth0 nexthop via 2001:db8::1"), 0),
    Verdict(
      "default by hops of both",
      route("all dev eth0 nexthop via 2001:db8::1 nexthop via 192.0.2.1"), 5, [6]),
    Verdict("a hop of the other family", route("all dev eth0 nexthop via inet6 192.0.2.1"), 5, [6]),
    Verdict("inet6 at the end", route("2001:db8::/32 dev eth0 inet6"), 0),
    Verdict("encap at the end", route("192.0.2.0/24 encap"), 5, [6]),
    Verdict("an option of encap at the end", route("192.0.2.0/24 encap ip id 5 ttl"), 5, [6]),
    Verdict("as to at the end", route("192.0.2.0/24 dev eth0 as to"), 5, [6]),
    Verdict("via at the end", route("192.0.2.0/24 via"), 2, [6]),
  ]

  private static func rule(_ line: String) -> String { instance("virtual_rules {\n\(line)\n}") }

  static let rules = [
    Verdict("ports backwards", rule("from all lookup main priority 5 dport 90-80"), 0),
    Verdict("a port too high", rule("from all lookup main priority 5 sport 80-65536"), 0),
    Verdict("one port", rule("from all lookup main priority 5 dport 80"), 5, [6]),
    Verdict("users backwards", rule("from all lookup main priority 5 uidrange 9-5"), 0),
    Verdict("a mask alone", rule("from all table 5 priority 5 fwmark /5"), 0),
    Verdict("a mark without its mask", rule("from all table 5 priority 5 fwmark 5/"), 0),
    Verdict("no mark", rule("from all table 5 priority 5 fwmark x"), 5, [6]),
    Verdict("inet6 alone", "static_rules {\ninet6\n}\n" + one, 5, [2]),
    Verdict("inet6 at the end", rule("from all table 5 priority 5 inet6"), 0),
    Verdict(
      "a bad protocol, and a missing word",
      "static_rules {\nfrom 192.0.2.0/24 ipproto 255 iif\nfrom all\n}\n" + one, 2, [2]),
    Verdict("a bad table, and a missing word", rule("from all table x iif"), 5, [6]),
  ]

  // MARK: The language

  static let structure = [
    Verdict(
      "a real server refused without a block",
      """
      virtual_server 192.0.2.1 80 {
      lb_algo rr
      lb_kind NAT
      protocol TCP
      real_server 192.0.2.2 80 {
      }
      real_server 0
      real_server 192.0.2.3 80 {
      }
      }

      """, 5, [7, 8]),
    Verdict(
      "a real server refused with its block",
      service("real_server x 80 {\nweight x\n}"), 5, [5]),
    Verdict(
      "an opening brace in quotes",
      "global_defs {\nrouter_id \"{\"\n}\n" + instance("priority 300"),
      0),
    Verdict(
      "a closing brace in quotes", "global_defs {\nrouter_id \"}\"\n}\n" + instance("priority 300"),
      5, [3, 8]),
    Verdict(
      "both braces in quotes",
      "global_defs {\nrouter_id \"{\" \"}\"\n}\n" + instance("priority 300"), 5, [8]),
    Verdict(
      "a brace in a longer word",
      "global_defs {\nrouter_id \"a{\"\n}\n" + instance("priority 300"), 5, [8]),
    Verdict("net_namespace_ipvs twice", "net_namespace_ipvs\nnet_namespace_ipvs\n" + one, 2, [2]),
    Verdict(
      "net_namespace_ipvs twice, named once", "net_namespace_ipvs\nnet_namespace_ipvs x\n", 5, [2]),
  ]

  static let words = [
    Verdict("a script whose quote does not end", instance("notify \"x"), 5, [5]),
    Verdict("a script of a server", service("", check: "notify_up \"x"), 5, [7]),
    Verdict("a value whose quote does not end", instance("priority \"5"), 2, [5]),
    Verdict("lvs_sync_daemon id at the end", global("lvs_sync_daemon eth0 id"), 5, [2]),
    Verdict("lvs_sync_daemon group at the end", global("lvs_sync_daemon eth0 group"), 5, [2]),
    Verdict("lvs_sync_daemon inst at the end", global("lvs_sync_daemon eth0 inst"), 2, [2]),
    Verdict("use_vmac group at the end", instance("use_vmac group"), 5, [5]),
    Verdict("words behind a statement", instance("debug 1 priority 150"), 0),
    Verdict(
      "a weight too great", secure + "vrrp_script s {\nscript /usr/bin/true\nweight -254\n}\n", 5,
      [7]),
  ]
}
