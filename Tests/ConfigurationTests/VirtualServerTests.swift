import Configuration
import ConfigurationSyntax
import IPVS
import Primitives
import Testing

@Suite("virtual_server")
struct VirtualServerTests {
  @Test(
    "A bad value is reported on its line and changes nothing",
    arguments: [
      ("ip_family inet6", "Virtual server specified family inet6 conflicts with server family"),
      ("ip_family ipx", "unknown address family ipx"),
      ("delay_loop 0", "virtual server delay_loop '0' is invalid - ignoring"),
      ("delay_loop 18446744073709.551615", "outside range [0.000001, 18446744073709.551614]"),
      ("delay_before_retry -1", "virtual server delay_before_retry '-1' is invalid - ignoring"),
      ("retry 0", "retry value invalid - 0"),
      ("retry 5x", "retry value invalid - 5x"),
      ("warmup x", "virtual server warmup 'x' is invalid - ignoring"),
      ("connect_timeout 0", "virtual server connect_timeout 0 invalid - ignoring"),
      ("connect_timeout 4294.967296", "outside range [0.000001, 4294.967295]"),
      ("lb_algo RR", "Invalid lvs_scheduler 'RR' - ignoring"),
      ("lvs_sched x", "Invalid lvs_scheduler 'x' - ignoring"),
      ("hashed", "hashed only applies to sh scheduler - ignoring"),
      ("sh-port", "sh-port only applies to sh scheduler - ignoring"),
      ("sh-fallback", "sh-fallback only applies to sh scheduler - ignoring"),
      ("mh-port", "mh-port only applies to mh scheduler - ignoring"),
      ("mh-fallback", "mh-fallback only applies to mh scheduler - ignoring"),
      ("lb_kind nat", "PARSER : unknown [nat] routing method for virtual server."),
      ("persistence_timeout 0", "persistence_timeout invalid"),
      ("persistence_timeout 2678401", "persistence_timeout invalid"),
      ("persistence_timeout 5x", "persistence_timeout invalid"),
      ("persistence_granularity x", "Invalid IPv4 persistence_granularity specified - x"),
      ("persistence_granularity 255.255.256.0", "Invalid IPv4 persistence_granularity"),
      ("protocol ICMP", "Unknown protocol ICMP - ignoring"),
      ("smtp_alert maybe", "Invalid virtual_server smtp_alert parameter maybe"),
      ("virtualhost", "virtual server virtualhost missing"),
      ("snmp_name", "virtual server snmp_name missing or extra parameters"),
      ("snmp_name a b", "virtual server snmp_name missing or extra parameters"),
      ("quorum 0", "Quorum 0 must be in [1, 4294967295]. Setting to 1."),
      ("hysteresis -1", "Hysteresis -1 must be in [0, 4294967295] - ignoring"),
      ("weight 0", "Virtual server weight 0 is outside range 1-2147483647"),
      ("weight 2147483648", "Virtual server weight 2147483648 is outside range"),
      ("sorry_server x", "Invalid sorry server IP address x - skipping"),
      ("sorry_server 192.0.2.9 65536", "Invalid sorry server IP address 192.0.2.9 - skipping"),
      ("sorry_server_inhibit", "Ignoring sorry_server inhibit used before or without sorry_server"),
      ("sorry_server_lvs_method DR", "sorry_server forwarding used without sorry_server"),
      ("lb_kin DR", "Unknown keyword 'lb_kin'"),
    ])
  func badValue(line: String, message: String) throws {
    let outcome = read(virtualServer(line))
    #expect(outcome.lines == [5])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.refusals == [])
    #expect(try outcome.virtualServer() == read(virtualServer("")).virtualServer())
  }

  @Test(
    "Without its word a keyword ends the reading",
    arguments: [
      "ip_family", "delay_loop", "delay_before_retry", "retry", "warmup", "connect_timeout",
      "lb_algo", "lb_kind", "persistence_engine", "persistence_granularity", "protocol", "quorum",
      "hysteresis", "quorum_up", "quorum_down", "weight", "sorry_server",
      "sorry_server 192.0.2.9\nsorry_server_lvs_method", "real_server", "virtual_server",
    ])
  func missingWord(line: String) {
    let text = line == "virtual_server" ? line : virtualServer(line)
    let outcome = read(text)
    #expect(outcome.testExitStatus == 2)
    #expect(outcome.startExitStatus == 2)
    #expect(outcome.diagnostics.last?.class == .missingParameter)
  }

  @Test(
    "What crashes keepalived is a missing parameter",
    arguments: ["virtual_server fwmark {\n}\n", "virtual_server group\n{\n}\n"])
  func missingService(text: String) {
    #expect(read(text).testExitStatus == 2)
  }

  private static let all =
    """
    virtual_server 2001:db8::1 443 {
      ip_family inet6
      delay_loop 2.5
      retry 7
      delay_before_retry 0
      warmup 0.5
      connect_timeout 4294.967295
      lvs_sched mh
      mh-port
      mh-fallback
      hashed
      flag-3
      ops
      lvs_method TUN type gue port 6080 remcsum
      persistence_engine sip
      persistence_timeout 2678400
      persistence_granularity 64
      protocol Udp
      ha_suspend no
      smtp_alert
      virtualhost www.example
      snmp_name web
      alpha no
      omega no
      quorum 3
      hysteresis 2
      quorum_up "</a b"
      quorum_down </b root
      weight 2147483647
      inhibit_on_failure no
      sorry_server 2001:db8::9
      sorry_server_inhibit
      sorry_server_lvs_method DR
      real_server 2001:db8::2 { }
    }

    """

  @Test("All values")
  func values() throws {
    let outcome = read(Self.all)
    let server = try outcome.virtualServer()
    #expect(server.service == .address("2001:db8::1", port: 443))
    #expect(server.family == .ipv6)
    #expect(server.delayLoop == Microseconds(2_500_000))
    #expect(server.scheduler == "mh")
    #expect(server.schedulerFlags == [.first, .second, .third])
    #expect(server.isOnePacket)
    #expect(server.forwarding == .tunnel(.gue(port: 6080, .remote)))
    var persistence = Persistence(timeout: 2_678_400)
    persistence.engine = "sip"
    persistence.granularity = .prefix(64)
    #expect(server.persistence == persistence)
    #expect(server.transport == .udp)
    #expect(server.hasHASuspend && server.smtpAlert && server.hasOmega)
    #expect(server.virtualHost == "www.example")
    #expect(server.snmpName == "web")
    #expect(server.quorum == 3 && server.hysteresis == 2)
    #expect(server.quorumUp?.arguments == ["</a", "b"])
    #expect(server.quorumDown?.account == ScriptAccount(user: 0, group: 0))
    #expect(server.name == "[2001:db8::1]:udp:443")
    let real = try outcome.realServer()
    #expect(real.weight == 2_147_483_647)
    #expect(real.inhibitsOnFailure)
    #expect(real.forwarding == server.forwarding)
    #expect(real.port == 443)
    #expect(server.sorryServer?.forwarding == .direct)
    #expect(server.sorryServer?.inhibitsOnFailure == true)
    #expect(
      outcome.hints == [
        "'no' behind 'ha_suspend' has no effect", "'smtp_alert' is read, but has no effect yet",
        "'snmp_name' is read, but has no effect yet", "'no' behind 'alpha' has no effect",
        "'no' behind 'omega' has no effect", "'no' behind 'inhibit_on_failure' has no effect",
      ])
  }

  @Test("What is not said has a default, and most of them are reported")
  func defaults() throws {
    let outcome = read("virtual_server 192.0.2.1 80 {\nreal_server 198.51.100.1 {\n}\n}\n")
    #expect(
      outcome.messages == [
        "Virtual server [192.0.2.1]:none:80: no protocol set - defaulting to UDP",
        "Virtual server [192.0.2.1]:udp:80: no scheduler set, setting default 'wlc'",
        "Virtual server [192.0.2.1]:udp:80: no forwarding method set, setting default NAT",
      ])
    #expect(outcome.testExitStatus == 5)
    let server = try outcome.virtualServer()
    #expect(server.scheduler == "wlc" && server.transport == .udp && server.forwarding == .nat)
    #expect(server.persistence == nil && server.schedulerFlags == [] && !server.isOnePacket)
    #expect(server.quorum == 1 && server.hysteresis == 0 && server.sorryServer == nil)
    #expect(server.delayLoop == .seconds(60))
    #expect(!server.smtpAlert && !server.hasOmega && !server.hasHASuspend)
    let real = try outcome.realServer()
    #expect(real.weight == 1 && real.port == 80 && real.forwarding == .nat)
    #expect(real.upperThreshold == 0 && real.lowerThreshold == 0 && !real.inhibitsOnFailure)
    #expect(real.smtpAlert)
  }

  @Test(
    "What clients speak to",
    arguments: [
      ("192.0.2.1 80", .address("192.0.2.1", port: 80), "[192.0.2.1]:tcp:80"),
      ("192.0.2.1", .address("192.0.2.1", port: 0), "[192.0.2.1]:tcp:0"),
      ("192.0.2.1 000", .address("192.0.2.1", port: 0), "[192.0.2.1]:tcp:0"),
      ("192.0.2.1/24 80 more", .address("192.0.2.1", port: 80), "[192.0.2.1]:tcp:80"),
      ("192.0.2.1-9 80", .address("192.0.2.1", port: 80), "[192.0.2.1]:tcp:80"),
      ("fwmark 4294967295", .mark(.max), "FWM 4294967295"),
    ] as [(String, VirtualServer.Service, String)])
  func services(text: String, service: VirtualServer.Service, name: String) throws {
    let server = try read(virtualServer("", service: text)).virtualServer()
    #expect(server.service == service)
    #expect(server.name == name)
  }

  @Test(
    "A bad service is reported and its block passed over",
    arguments: [
      ("192.0.2.x", "Invalid virtual server IP address 192.0.2.x - skipping"),
      ("192.0.2.x 80", "Invalid virtual server IP address/port 192.0.2.x/80 - skipping"),
      ("192.0.2.1 65536", "Invalid virtual server IP address/port 192.0.2.1/65536 - skipping"),
      ("fwmark 5x", "virtual server fwmark '5x' must be in [0, 4294967295] - ignoring"),
      ("fwmark 4294967296", "virtual server fwmark '4294967296' must be in [0, 4294967295]"),
    ])
  func badService(service: String, message: String) {
    let outcome = read(virtualServer("bogus", service: service))
    #expect(outcome.lines == [1])
    #expect(outcome.messages.contains { $0.contains(message) })
    #expect(outcome.configuration.lvs.virtualServers == [])
    #expect(outcome.configuration.presence.checker)
  }

  @Test("A daemon reads a number as far as it goes where keepalived does")
  func leniency() throws {
    let text = virtualServer("quorum 1x\nweight 5x\nretry 5x", service: "192.0.2.1 80x")
    let live = read(text, strictness: .run)
    #expect(live.lines == [1, 5, 6, 7])
    #expect(try live.virtualServer().service == .address("192.0.2.1", port: 80))
    #expect(try live.realServer().weight == 5)
    #expect(read(text).configuration.lvs.virtualServers == [])
  }

  @Test("The last of repeated keywords wins; names are reported, scripts are not replaced")
  func repeated() throws {
    let outcome = read(
      virtualServer(
        """
        lb_algo sh
        lb_algo wrr
        virtualhost a
        virtualhost b
        snmp_name a
        snmp_name b
        quorum_up </a
        quorum_up </b
        sorry_server 192.0.2.8
        sorry_server_inhibit
        sorry_server 192.0.2.9
        """))
    #expect(outcome.lines == [8, 10, 12])
    #expect(outcome.messages.first == "Duplicate virtual server virtualhost - overwriting a with b")
    let server = try outcome.virtualServer()
    #expect(server.scheduler == "wrr")
    #expect(server.virtualHost == "b" && server.snmpName == "b")
    #expect(server.quorumUp?.arguments == ["</a"])
    #expect(server.sorryServer?.address == "192.0.2.9")
    #expect(server.sorryServer?.inhibitsOnFailure == false)
  }

  @Test("Flags of a scheduler count only behind its name")
  func schedulerFlags() throws {
    let sh = try read(virtualServer("lb_algo sh\nsh-port\nmh-fallback\nhashed")).virtualServer()
    #expect(sh.schedulerFlags == [.second])
    let mh = read(virtualServer("lb_algo mh\nmh-fallback\nsh-port"))
    #expect(mh.messages == [])
    #expect(try mh.virtualServer().schedulerFlags == [.first])
    #expect(try read(virtualServer("sh-port\nlb_algo sh")).virtualServer().schedulerFlags == [])
    let plain = try read(virtualServer("flag-1\nflag-2\nflag-3")).virtualServer()
    #expect(plain.schedulerFlags.rawValue == 0x38)
  }

  @Test(
    "All schedulers",
    arguments: [
      "rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos",
    ])
  func schedulers(name: String) throws {
    let outcome = read(virtualServer("lb_algo \(name)"))
    #expect(outcome.messages == [])
    #expect(try outcome.virtualServer().scheduler == name)
  }

  @Test("Persistence")
  func persistence() throws {
    func persistence(_ lines: String, service: String = "192.0.2.1 80") throws
      -> Persistence?
    {
      try read(virtualServer(lines, service: service)).virtualServer().persistence
    }
    #expect(try persistence("persistence_timeout")?.timeout == 360)
    #expect(try persistence("persistence_engine sip") == nil)
    let mask = try persistence("persistence_granularity 255.255.255.0")
    #expect(mask?.timeout == 360)
    #expect(mask?.granularity == .mask(IPv4Address(255, 255, 255, 0)))
    // Compatibility: as inet_aton reads it.
    #expect(
      try persistence("persistence_granularity 24")?.granularity == .mask(IPv4Address(0, 0, 0, 24)))
    #expect(
      try persistence("persistence_granularity 0xff.017.515")?.granularity
        == .mask(IPv4Address(255, 15, 2, 3)))
    #expect(
      try persistence("persistence_granularity 4294967295")?.granularity == .mask(.broadcast))
    let order = try persistence("persistence_timeout 50\npersistence_granularity 255.0.0.0")
    #expect(order?.timeout == 50)
    let long = read(virtualServer("persistence_timeout\npersistence_engine abcdefghijklmnopqrst"))
    #expect(long.messages == ["persistence_name too long, truncating - abcdefghijklmnopqrst"])
    #expect(try long.virtualServer().persistence?.engine == "abcdefghijklmnop")
  }

  @Test(
    "Netmasks that are none", arguments: ["256.1.1.1", "1.2.3.4.5", "1.2.3.", "08", "4294967296"])
  func badMask(text: String) {
    #expect(read(virtualServer("persistence_granularity \(text)")).lines == [5])
  }

  @Test("A granularity of IPv6 is a prefix length")
  func prefixGranularity() throws {
    for bad in ["0", "129", "x"] {
      let outcome = read(
        virtualServer(
          "persistence_granularity \(bad)", service: "2001:db8::1 80",
          server: "real_server 2001:db8::2 80 {\n}"))
      #expect(outcome.lines == [5])
    }
  }
}

@Suite("How packets reach a server")
struct ForwardingTests {
  @Test(
    "Methods and tunnels",
    arguments: [
      ("NAT", .nat), ("DR", .direct), ("TUN", .tunnel(.ipip)), ("TUN nocsum", .tunnel(.ipip)),
      ("TUN type ipip", .tunnel(.ipip)), ("TUN type gre", .tunnel(.gre(.none))),
      ("TUN type gre csum", .tunnel(.gre(.local))),
      ("TUN csum port 5 type gue", .tunnel(.gue(port: 5, .local))),
      ("TUN type gue port 65535 nocsum", .tunnel(.gue(port: 65535, .none))),
      ("NAT type gue port 5", .nat),
    ] as [(String, Forwarding)])
  func methods(text: String, forwarding: Forwarding) throws {
    let outcome = read(realServer("lvs_method \(text)"))
    #expect(outcome.messages == [])
    #expect(try outcome.realServer().forwarding == forwarding)
  }

  @Test(
    "A method whose options are wrong counts, with the old tunnel",
    arguments: [
      ("type", "Missing tunnel type for real server."),
      ("type x", "Unknown tunnel type x for real server."),
      ("type gue", "gue tunnels require port, otherwise cannot have port."),
      ("type gre port 5", "gue tunnels require port, otherwise cannot have port."),
      ("type gue port", "Missing port for real server gue tunnel."),
      ("type gue port 0", "Invalid gue tunnel port 0 for real server."),
      ("type gue port 5x", "Invalid gue tunnel port 5x for real server."),
      ("fast", "Invalid tunnel option fast for real server."),
      ("csum", "ipip tunnels do not support checksum option."),
      ("type gre remcsum", "gre tunnels do not support remote checksum option."),
    ])
  func badOptions(options: String, message: String) throws {
    let outcome = read(realServer("lvs_method DR type gre\nlvs_method TUN \(options)"))
    #expect(outcome.lines == [8])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(try outcome.realServer().forwarding == .tunnel(.gre(.none)))
  }

  @Test("Servers take the method as known where they stand, else the final one")
  func order() throws {
    let text = """
      virtual_server 192.0.2.1 80 {
      lb_algo rr
      protocol TCP
      sorry_server 198.51.100.9 80
      real_server 198.51.100.1 80 {
      }
      lb_kind TUN type gue port 5
      real_server 198.51.100.2 80 {
      }
      lb_kind DR
      real_server 198.51.100.3 80 {
      }
      real_server 198.51.100.4 80 {
      lvs_method TUN
      }
      }

      """
    let outcome = read(text)
    #expect(outcome.messages == [])
    let server = try outcome.virtualServer()
    #expect(
      server.realServers.map(\.forwarding)
        == [.direct, .tunnel(.gue(port: 5, .none)), .direct, .tunnel(.ipip)])
    #expect(server.sorryServer?.forwarding == .direct)
    #expect(server.forwarding == .direct)
  }
}
