import BFD
import ProcessFrame
import Configuration
import Introspection
import Primitives
import Testing

/// What is dumped, line by line: other programs parse it.
@Suite("Dumps")
struct DumpTests {
  private static func global(_ change: (inout GlobalDefinitions) -> Void = { _ in }) -> [String] {
    var global = GlobalDefinitions()
    change(&global)
    return GlobalDump.text(global, .init(umask: 0o177)).lines
  }

  @Test("Without any setting the global section has the lines of the standard values")
  func standard() {
    let lines = Self.global()
    #expect(
      lines.prefix(5) == [
        "------< Global definitions >------", " Network namespace = (default)",
        " Network namespace ipvs = (main namespace)", " Replace symlinks in script paths",
        " Don't set supplementary groups for all scripts",
      ])
    for line in [
      " Default smtp_alert_vrrp = unset", " No test config before reload",
      " LVS flush on stop = disabled", " VRRP IPv6 mcast group = ff02::12",
      " Gratuitous ARP delay = 5", " Gratuitous ARP for each secondary VMAC = 0s",
      " Gratuitous ARP interval = 0.000000", " Max auto priority = 0",
      " Min auto priority delay = 1000000 usecs", " BFD realtime limit = 10000",
      " SNMP socket = default (unix:/var/agentx/master)", " Script security disabled",
      " process_monitor_rcv_bufs_force = 0", " rx_bufs_multiples = 3", " umask = 0177",
      " json_version 1",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  @Test("Settings show in the words of the dump")
  func settings() {
    let lines = Self.global { global in
      global.netNamespace = "red"
      global.instance = "one"
      global.routerID = "R"
      global.mail.smtpAlert = false
      global.vrrp.garpInterval = Microseconds(10_000)
      global.maxAutoPriority = .off
      global.vrrpProcess.cpuAffinity = [0, 3]
      var script = Script(
        arguments: ["/x/y.sh", "it's"], account: ScriptAccount(user: 5, group: 6))
      script.path = "/x/y.sh"
      global.scripts.startupScript = script
    }
    for line in [
      " Network namespace = red", " Instance name = one", " Router ID = R",
      " Default smtp_alert = off", " Gratuitous ARP interval = 0.010000",
      " Max auto priority = Disabled", " VRRP CPU Affinity = 0 3",
      " Startup script = '/x/y.sh' 'it'\\''s', uid:gid 5:6, timeout 10",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  @Test("Chains and sets of iptables show if they are configured")
  func iptables() {
    #expect(!Self.global().contains { $0.contains("ptables input") })
    let lines = Self.global { global in
      global.iptables = GlobalDefinitions.IPTables(input: "IN", output: nil)
      global.ipsets = ["a", "b"]
    }
    for line in [
      " Iptables input chain = IN", " Using ipsets = true", " ipset IPv4 address set = a",
      " ipset IPv6 address set = b", " ipset IPv6 address,iface set = b_if6",
      " ipset IGMP set = a_igmp", " ipset MLD set = a_mld", " ipset ND set = a_nd",
    ] { #expect(lines.contains(line)) }
    #expect(!lines.contains { $0.contains("output chain") })
    let without = Self.global { global in
      global.iptables = GlobalDefinitions.IPTables(input: "IN", output: "OUT")
      global.ipsets = []
    }
    #expect(without.contains(" Iptables output chain = OUT"))
    #expect(without.contains(" Using ipsets = false"))
    #expect(!without.contains { $0.contains("address set") })
  }

  @Test("A session that has heard nothing says so")
  func session() {
    var session = SessionConfiguration(name: "S", neighbor: .ipv4(IPv4Address(10, 0, 0, 2)))
    session.source = .ipv4(IPv4Address(10, 0, 0, 1))
    let core = BFDSessions(sessions: [session], random: SystemRandomNumberGenerator())
    let lines = BFDDump.text(
      core, listeners: (9, nil), outputs: [.init(descriptor: 7)],
      at: .init(now: .zero, wall: 0, date: { "\($0)" })
    ).lines
    #expect(
      lines.prefix(6) == [
        "------< BFD Data >------", " fd_in = 9", "------< BFD Topology >------",
        " BFD Instance = S", "   Neighbor IP = 10.0.0.2", "   Source IP = 10.0.0.1",
      ])
    for line in [
      "   TTL = 255", "   fd_out 7", "   local state = Down", "   remote discriminator = 0x0",
      "   last_seen = [never]",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  @Test(
    "The name of the file follows state_dump_file",
    arguments: [
      (nil, "/tmp/keepalived_bfd.data"), ("/run/x/", "/run/x/keepalived_bfd.data"),
      ("/run/x/state.txt", "/run/x/state_bfd.txt"), ("dir/state.txt", "/tmp/state_bfd.txt"),
      ("state", "/tmp/state_bfd"), ("/state.a.b", "/state.a_bfd.b"),
    ] as [(String?, String)])
  func path(template: String?, expected: String) {
    var global = GlobalDefinitions()
    global.dumps.stateDumpFile = template
    #expect(DumpFile.path(.bfd, global, temporaryDirectory: "/tmp") == expected)
  }

  @Test("Namespace and instance stand before the extension if that is wanted")
  func instancePath() {
    var global = GlobalDefinitions()
    global.dumps.dataUseInstance = true
    global.netNamespace = "kaA"
    global.instance = "I1"
    #expect(
      DumpFile.path(.parent, global, temporaryDirectory: "/t")
        == "/t/keepalived_parent.kaA_I1.data")
  }
}
