import Configuration
import ConfigurationSyntax
import IPVS
import Primitives
import Testing

/// Real servers without anything in their blocks.
private func servers(_ addresses: String...) -> String {
  addresses.map { "real_server \($0) {\n}" }.joined(separator: "\n")
}

private func group(_ entries: String) -> String {
  "virtual_server_group G {\n\(entries)\n}\n"
}

/// End-of-read messages have no line.
private func messages(_ text: String) -> [String] {
  let outcome = read(text)
  #expect(outcome.lines == [])
  #expect(outcome.testExitStatus == (outcome.messages.isEmpty ? 0 : 5))
  return outcome.messages
}

@Suite("End-of-read checks of virtual servers")
struct VirtualServerValidationTests {
  @Test("ha_suspend needs addresses")
  func suspend() throws {
    let text = virtualServer(
      "ha_suspend", service: "fwmark 5", settings: "alpha", server: servers("198.51.100.1"))
    let expected = "cannot use ha_suspend with fwmarks - clearing ha_suspend"
    #expect(messages(text) == ["Virtual server FWM 5: \(expected)"])
    #expect(try !read(text).virtualServer().hasHASuspend)
    let grouped =
      virtualServer("ha_suspend", service: "group G") + group("192.0.2.1 80\nfwmark 5")
    #expect(messages(grouped) == ["Virtual server [G]:0: \(expected)"])
    let plain = virtualServer("ha_suspend", service: "group G") + group("192.0.2.1 80")
    #expect(messages(plain) == [])
    #expect(try read(plain).virtualServer().hasHASuspend)
  }

  @Test("Addresses need a protocol, marks have none")
  func transport() throws {
    #expect(
      messages(virtualServer("", service: "group G", settings: "alpha") + group("192.0.2.1 80"))
        == ["Virtual server [G]:0: no protocol set - defaulting to UDP"])
    let marked = virtualServer("", service: "fwmark 5", server: servers("198.51.100.1"))
    #expect(
      messages(marked) == [
        "Warning: Virtual server FWM 5: protocol specified for fwmark - protocol will be ignored"
      ])
    #expect(try read(marked).virtualServer().transport == nil)
    let marks =
      virtualServer("ip_family inet", service: "group G", server: servers("198.51.100.1"))
      + group("fwmark 5")
    #expect(messages(marks).count == 1)
    let both =
      virtualServer("", service: "group G", server: servers("198.51.100.1"))
      + group("fwmark 5\n192.0.2.1 80")
    #expect(messages(both) == [])
    #expect(try read(both).virtualServer().transport == .tcp)
  }

  @Test("One packet scheduling is for UDP and marks")
  func onePacket() throws {
    for transport in ["TCP", "SCTP"] {
      let text = virtualServer("ops\nprotocol \(transport)")
      #expect(
        messages(text) == [
          "Virtual server [192.0.2.1]:\(transport.lowercased()):80: one packet scheduling requires"
            + " UDP - resetting"
        ])
      #expect(try !read(text).virtualServer().isOnePacket)
    }
    #expect(try read(virtualServer("ops\nprotocol UDP")).virtualServer().isOnePacket)
    let marked = virtualServer(
      "ops", service: "fwmark 5", settings: "alpha", server: servers("198.51.100.1"))
    #expect(messages(marked) == [])
    #expect(try read(marked).virtualServer().isOnePacket)
  }

  @Test("All ports means persistence")
  func portZero() throws {
    let text = virtualServer("", service: "192.0.2.1", server: servers("198.51.100.1"))
    #expect(
      messages(text) == [
        "Virtual server [192.0.2.1]:tcp:0: zero port only valid for persistent services - setting"
      ])
    #expect(try read(text).virtualServer().persistence?.timeout == 360)
    let grouped =
      virtualServer("", service: "group G", server: servers("198.51.100.1"))
      + group("192.0.2.1 80\n192.0.2.2")
    #expect(
      messages(grouped) == [
        "Virtual server [G]:0: zero port only valid for persistent services - setting"
      ])
    let persistent = virtualServer(
      "persistence_timeout 50", service: "192.0.2.1", server: servers("198.51.100.1"))
    #expect(messages(persistent) == [])
  }

  @Test("A scheduler and a way of forwarding are filled in")
  func defaults() throws {
    let text = """
      virtual_server 192.0.2.1 80 {
      protocol TCP
      \(servers("198.51.100.1", "198.51.100.2"))
      sorry_server 198.51.100.9 80
      }

      """
    #expect(
      messages(text) == [
        "Virtual server [192.0.2.1]:tcp:80: no scheduler set, setting default 'wlc'",
        "Virtual server [192.0.2.1]:tcp:80: no forwarding method set, setting default NAT",
      ])
    let own = """
      virtual_server 192.0.2.1 80 {
      protocol TCP
      lb_algo rr
      real_server 198.51.100.1 80 {
      lvs_method DR
      }
      }

      """
    #expect(messages(own) == [])
    #expect(try read(own).realServer().forwarding == .direct)
  }

  @Test("A real server counts once, as written")
  func duplicates() throws {
    let text = virtualServer(
      "", server: servers("198.51.100.1 80", "198.51.100.1", "198.51.100.1 80", "198.51.100.1 81"))
    #expect(
      messages(text) == [
        "VS [192.0.2.1]:tcp:80: real server [198.51.100.1]:tcp:80 is duplicated - removing second"
          + " rs"
      ])
    #expect(try read(text).virtualServer().realServers.map(\.port) == [80, 80, 81])
  }

  @Test(
    "A sorry server that is a real server as well",
    arguments: [
      ("", "", nil, false), ("", "inhibit_on_failure", "setting", true),
      ("sorry_server_inhibit", "", "clearing", false),
      ("sorry_server_inhibit\ninhibit_on_failure", "", nil, true),
    ] as [(String, String, String?, Bool)])
  func sorryTwin(virtual: String, real: String, change: String?, inhibits: Bool) throws {
    let text = virtualServer(
      "sorry_server 198.51.100.1 80\n\(virtual)",
      server: "real_server 198.51.100.1 80 {\n\(real)\n}")
    let expected = change.map {
      "Virtual server [192.0.2.1]:tcp:80: real server [198.51.100.1]:tcp:80 matches sorry server,"
        + " but inhibit setting differs, \($0) on sorry server"
    }
    #expect(messages(text) == [expected].compactMap(\.self))
    let sorry = try #require(read(text).virtualServer().sorryServer)
    #expect(sorry.isRealServer && sorry.inhibitsOnFailure == inhibits)
    let other = try read(virtualServer("sorry_server 198.51.100.1 81")).virtualServer()
    #expect(other.sorryServer?.isRealServer == false)
  }

  @Test("The quorum is at most the weight of all, the hysteresis less than the quorum")
  func quorum() throws {
    let text = virtualServer(
      "quorum 9\nhysteresis 9\nweight 3", server: servers("198.51.100.1", "198.51.100.2"))
    #expect(
      messages(text) == [
        "Warning - quorum 9 for [192.0.2.1]:tcp:80 exceeds total weight of real servers 6, reducing"
          + " quorum to 6",
        "Virtual server [192.0.2.1]:tcp:80: hysteresis 9 >= quorum 6; setting hysteresis to 5",
      ])
    let server = try read(text).virtualServer()
    #expect(server.quorum == 6 && server.hysteresis == 5)
    let heavy = virtualServer(
      "quorum 4294967295\nweight 2147483647",
      server: servers("198.51.100.1", "198.51.100.2", "198.51.100.3"))
    #expect(messages(heavy) == [])
  }

  @Test("Without any weight the quorum is out of reach, and stays a number that makes sense")
  func noWeight() throws {
    let text = virtualServer("", server: "real_server 198.51.100.1 80 {\nweight 0\n}")
    #expect(messages(text).count == 1)
    let server = try read(text).virtualServer()
    #expect(server.quorum == 1 && server.hysteresis == 0)
  }

  @Test("Mark 0 is no mark")
  func markZero() {
    let outcome = read(virtualServer("", service: "fwmark 0"))
    #expect(outcome.messages == ["Virtual server FWM 0: 0 is no firewall mark - ignoring"])
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.configuration.lvs.virtualServers == [])
  }
}

@Suite("Ports of real and sorry servers")
struct ServerPortTests {
  private static func ports(_ outcome: ReadingOutcome) throws -> [UInt16] {
    let server = try outcome.virtualServer()
    return server.realServers.map(\.port) + [server.sorryServer?.port ?? 9]
  }

  private static func read(
    _ service: String, _ method: String, real: [String], sorry: String, entries: String? = nil
  ) -> ReadingOutcome {
    ConfigurationTests.read(
      virtualServer(
        "sorry_server 198.51.100.9 \(sorry)", service: service,
        settings: "lb_kind \(method)\(service.hasPrefix("fwmark") ? "" : "\nprotocol TCP")",
        server: real.enumerated().map {
          "real_server 198.51.100.\($0.offset) \($0.element) {\n}"
        }.joined(separator: "\n")) + (entries.map(group) ?? ""))
  }

  @Test("NAT: a real server without a port has that of the service")
  func nat() throws {
    let outcome = Self.read("192.0.2.1 80", "NAT", real: ["", "8080"], sorry: "")
    #expect(outcome.messages == [])
    #expect(try Self.ports(outcome) == [80, 8080, 0])
  }

  @Test("DR and TUN: only the port of the service", arguments: ["DR", "TUN"])
  func direct(method: String) throws {
    let outcome = Self.read("192.0.2.1 80", method, real: ["", "80", "8080"], sorry: "8080")
    #expect(
      outcome.messages == [
        "WARNING - virtual server [192.0.2.1]:tcp:80 and real server [198.51.100.2]:tcp:8080 ports"
          + " don't match - resetting",
        "WARNING - virtual server [192.0.2.1]:tcp:80 and sorry server ports don't match -"
          + " resetting",
      ])
    #expect(try Self.ports(outcome) == [80, 80, 80, 80])
    #expect(try Self.ports(Self.read("192.0.2.1 80", method, real: [""], sorry: "")) == [80, 80])
  }

  @Test("Marks: no port but with NAT")
  func marks() throws {
    let outcome = Self.read("fwmark 5", "DR", real: ["", "80"], sorry: "80")
    #expect(
      outcome.messages == [
        "WARNING - fwmark virtual server FWM 5, real server [198.51.100.1]:none:80 has port"
          + " specified - clearing",
        "WARNING - virtual server FWM 5, sorry server has port specified - clearing",
      ])
    #expect(try Self.ports(outcome) == [0, 0, 0])
    let nat = Self.read("fwmark 5", "NAT", real: ["", "80"], sorry: "80")
    #expect(nat.messages == [])
    #expect(try Self.ports(nat) == [0, 80, 80])
  }

  @Test("Groups: told, and left as they are")
  func groups() throws {
    let entries = "192.0.2.1 80\n192.0.2.2-5 81\nfwmark 7"
    let outcome = Self.read("group G", "DR", real: ["", "80"], sorry: "80", entries: entries)
    #expect(
      outcome.messages == [
        "WARNING - fwmark virtual server [G]:0, real server [198.51.100.1]:tcp:80 has port"
          + " specified - port will be ignored",
        "virtual server [G]:0:[192.0.2.2-192.0.2.5,81] and real server [198.51.100.1]:tcp:80 ports"
          + " don't match",
        "WARNING - virtual server [G]:0, sorry server has port specified - port will be ignored",
      ])
    #expect(outcome.testExitStatus == 5)
    #expect(try Self.ports(outcome) == [0, 80, 80])
    let nat = Self.read("group G", "NAT", real: ["80"], sorry: "80", entries: entries)
    #expect(nat.messages == [])
    let same = Self.read("group G", "DR", real: ["80"], sorry: "80", entries: "192.0.2.1 80")
    #expect(same.messages == [])
  }
}
