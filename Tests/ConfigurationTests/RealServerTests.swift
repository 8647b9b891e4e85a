import Configuration
import ConfigurationSyntax
import IPVS
import Primitives
import Testing

@Suite("real_server")
struct RealServerTests {
  @Test(
    "A bad value is reported on its line and changes nothing",
    arguments: [
      ("weight -1", "Real server weight -1 is outside range 0-2147483647"),
      ("weight 2147483648", "Real server weight 2147483648 is outside range 0-2147483647"),
      ("lvs_method X", "PARSER : unknown [X] routing method for real server."),
      ("lb_kind NAT", "Unknown keyword 'lb_kind'"),
      ("uthreshold x", "Invalid real_server uthreshold 'x' - ignoring"),
      ("lthreshold 4294967296", "Invalid real_server lthreshold '4294967296' - ignoring"),
      ("inhibit_on_failure maybe", "Invalid inhibit_on_failure parameter maybe"),
      ("alpha maybe", "Invalid alpha parameter maybe"),
      ("retry 0", "retry value invalid - 0"),
      ("delay_before_retry x", "real server delay_before_retry 'x' is invalid - ignoring"),
      ("warmup -1", "real server warmup '-1' is invalid - ignoring"),
      ("connect_timeout 5000", "real server connect_timeout 5000 invalid - ignoring"),
      ("delay_loop 0", "real server delay_loop '0' is invalid - ignoring"),
      ("smtp_alert maybe", "Invalid real_server smtp_alert parameter maybe"),
      ("virtualhost", "real server virtualhost missing"),
      ("snmp_name", "real server snmp_name missing or extra parameters"),
      ("persistence_timeout 5", "Unknown keyword 'persistence_timeout'"),
    ])
  func badValue(line: String, message: String) throws {
    let outcome = read(realServer(line))
    #expect(outcome.lines == [7])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.testExitStatus == 5)
    #expect(try outcome.realServer() == read(realServer("")).realServer())
  }

  @Test(
    "Without its word a keyword ends the reading",
    arguments: [
      "weight", "lvs_method", "uthreshold", "lthreshold", "retry", "delay_before_retry", "warmup",
      "connect_timeout", "delay_loop", "notify_up", "notify_down",
    ])
  func missingWord(line: String) {
    #expect(read(realServer(line)).testExitStatus == 2)
  }

  @Test("All values")
  func values() throws {
    let outcome = read(
      realServer(
        """
        weight 0
        lvs_method DR
        uthreshold 4294967295
        lthreshold 5
        inhibit_on_failure
        notify_up "</up now"
        notify_down </down web adm
        virtualhost www.example
        snmp_name one
        smtp_alert off
        """))
    let server = try outcome.realServer()
    #expect(server.address == "198.51.100.1" && server.port == 80)
    #expect(server.weight == 0)
    #expect(server.forwarding == .direct)
    #expect(server.upperThreshold == .max && server.lowerThreshold == 5)
    #expect(server.inhibitsOnFailure && !server.smtpAlert)
    #expect(server.notifyUp?.arguments == ["</up", "now"])
    #expect(server.notifyDown?.account == ScriptAccount(user: 1000, group: 4))
    #expect(server.virtualHost == "www.example" && server.snmpName == "one")
    #expect(server.name(.tcp) == "[198.51.100.1]:tcp:80")
    #expect(server.checkers == [])
  }

  @Test(
    "A bad address is reported and its block passed over",
    arguments: [
      ("198.51.100", "Invalid real server ip address/port 198.51.100 - skipping"),
      ("198.51.100.2 65536", "Invalid real server ip address/port 198.51.100.2/65536 - skipping"),
    ])
  func badAddress(address: String, message: String) throws {
    let text = virtualServer("real_server \(address) {\nbogus\n}")
    let outcome = read(text)
    #expect(outcome.lines == [5])
    #expect(outcome.messages.contains { $0.contains(message) })
    #expect(try outcome.virtualServer().realServers.count == 1)
  }

  @Test("The second script of a kind does not count")
  func repeated() throws {
    let outcome = read(realServer("notify_up </a\nnotify_up </b\nnotify_down </c\nnotify_down </d"))
    #expect(outcome.lines == [8, 10])
    #expect(try outcome.realServer().notifyUp?.arguments == ["</a"])
    #expect(try outcome.realServer().notifyDown?.arguments == ["</c"])
  }

  @Test("The block of an unknown keyword ends the block around it")
  func unknownBlock() {
    let outcome = read(virtualServer("bogus {\nquorum 5\n}"))
    #expect(outcome.lines == [5, 7, 8, 9, 10])
    #expect(
      outcome.messages.contains(
        "Virtual server [192.0.2.1]:tcp:80 has no real servers - ignoring"))
    #expect(outcome.configuration.lvs.virtualServers == [])
  }
}

@Suite("Address families of virtual servers")
struct ServerFamilyTests {
  private static func family(_ lines: String, service: String, server: String) throws
    -> AddressFamily?
  {
    let outcome = read(
      virtualServer(lines, service: service, settings: "alpha", server: server))
    #expect(outcome.messages == [], "\(outcome.messages)")
    return try outcome.virtualServer().family
  }

  private static let ipv6Server = "real_server 2001:db8::2 {\n}"
  private static let ipv4Server = "real_server 198.51.100.1 {\n}"
  private static let ipv6Tunnel = "real_server 2001:db8::2 {\nlvs_method TUN\n}"
  private static let ipv4Tunnel = "real_server 198.51.100.1 {\nlvs_method TUN\n}"

  @Test("Where the family of a mark comes from")
  func marks() throws {
    let mark = "fwmark 5"
    #expect(try Self.family("", service: mark, server: Self.ipv4Server) == .ipv4)
    #expect(try Self.family("", service: mark, server: Self.ipv6Server) == .ipv6)
    #expect(try Self.family("ip_family inet6", service: mark, server: Self.ipv4Tunnel) == .ipv6)
    #expect(
      try Self.family("persistence_granularity 64", service: mark, server: Self.ipv6Server) == .ipv6
    )
    #expect(try Self.family("", service: mark, server: Self.ipv6Tunnel) == .ipv6)
    #expect(
      try Self.family("", service: mark, server: Self.ipv6Tunnel + "\n" + Self.ipv4Tunnel) == .ipv4)
    #expect(
      try Self.family(
        "sorry_server 2001:db8::9\nsorry_server_lvs_method DR", service: mark,
        server: Self.ipv4Tunnel) == .ipv6)
  }

  @Test("A server of another family needs a tunnel")
  func mixed() throws {
    let outcome = read(
      virtualServer(
        "sorry_server 2001:db8::9 80",
        server: Self.ipv6Server + "\n" + Self.ipv6Tunnel + "\n" + Self.ipv4Server))
    #expect(
      outcome.messages == [
        "Address family of virtual server and real server 2001:db8::2 don't match - skipping real"
          + " server.",
        "Address family of virtual server and sorry server 2001:db8::9 don't match - skipping sorry"
          + " server.",
      ])
    #expect(outcome.lines == [7, 13])
    let server = try outcome.virtualServer()
    #expect(server.realServers.map(\.address) == ["2001:db8::2", "198.51.100.1"])
    #expect(server.sorryServer == nil)
  }

  @Test("Without a real server there is no virtual server")
  func empty() {
    let outcome = read(virtualServer("sorry_server 192.0.2.9 80", server: ""))
    #expect(
      outcome.messages == ["Virtual server [192.0.2.1]:tcp:80 has no real servers - ignoring"])
    #expect(outcome.lines == [7])
    #expect(outcome.configuration.lvs.virtualServers == [])
    #expect(outcome.configuration.presence.checker)
  }
}
