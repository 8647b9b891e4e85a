import Configuration
import ConfigurationSyntax
import Primitives
import Testing

private typealias Entry = VirtualServerGroup.Entry

private func range(_ first: IPAddress, _ last: IPAddress, _ port: UInt16 = 0) -> Entry {
  .addresses(VirtualServerGroup.AddressRange(first: first, last: last, port: port))
}

/// A group with more lines from line 2 on.
private func group(_ lines: String, name: String = "G") -> String {
  "virtual_server_group \(name) {\n\(lines)\n}\n"
}

@Suite("virtual_server_group")
struct VirtualServerGroupTests {
  @Test(
    "Entries",
    arguments: [
      ("192.0.2.1", range("192.0.2.1", "192.0.2.1")),
      ("192.0.2.1 00", range("192.0.2.1", "192.0.2.1")),
      ("192.0.2.1 65535 more words", range("192.0.2.1", "192.0.2.1", 65535)),
      ("192.0.2.1-255 80", range("192.0.2.1", "192.0.2.255", 80)),
      ("192.0.2.1-198.51.100.7", range("192.0.2.1", "198.51.100.7")),
      ("192.0.2.1-192.0.2.1", range("192.0.2.1", "192.0.2.1")),
      ("192.0.2.0/24 80", range("192.0.2.0", "192.0.2.255", 80)),
      ("128.0.0.0/1", range("128.0.0.0", "255.255.255.255")),
      ("192.0.2.1/32", range("192.0.2.1", "192.0.2.1")),
      ("2001:db8::1-ffff", range("2001:db8::1", "2001:db8::ffff")),
      ("2001:db8::1-2001:db8:1::", range("2001:db8::1", "2001:db8:1::")),
      ("2001:db8::/64", range("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff")),
      ("8000::/1 80", range("8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 80)),
      ("2001:db8::/127", range("2001:db8::", "2001:db8::1")),
      ("2001:db8::1/128", range("2001:db8::1", "2001:db8::1")),
      ("fwmark 0", .mark(0, family: nil)),
      ("fwmark 4294967295 inet", .mark(.max, family: .ipv4)),
      ("fwmark 5 inet6", .mark(5, family: .ipv6)),
    ] as [(String, Entry)])
  fileprivate func entries(line: String, entry: VirtualServerGroup.Entry) {
    let outcome = read(group(line))
    #expect(outcome.diagnostics == [])
    #expect(outcome.configuration.lvs.groups.first?.entries == [entry])
    #expect(!outcome.configuration.presence.checker)
  }

  @Test(
    "A bad entry is reported and left out",
    arguments: [
      ("x", "Invalid virtual server group IP address x - skipping"),
      ("192.0.2.1 x", "Invalid virtual server group IP address 192.0.2.1 /port/x - skipping"),
      ("192.0.2.1 65536", "Invalid virtual server group IP address 192.0.2.1 /port/65536"),
      ("192.0.2.5-5", "Address range end is not greater than address range start - 192.0.2.5-5"),
      ("192.0.2.5-", "Address range end is not greater than address range start - 192.0.2.5-"),
      ("192.0.2.5-256", "Virtual server group range '192.0.2.5-256' end '256' too large"),
      ("192.0.2.5-99999999999999999999", "end '99999999999999999999' too large"),
      ("192.0.2.5-7x", "range '192.0.2.5-7x' has extra characters at end 'x'"),
      ("192.0.2.5-192.0.2.4", "Address range end is less than address range start"),
      ("192.0.2.5-192.0.2.x", "Invalid range end 192.0.2.5-192.0.2.x - skipping"),
      ("192.0.2.1/24", "Address mask bits not empty - 192.0.2.1/24 - skipping"),
      ("192.0.2.0/0", "Invalid netmask - 192.0.2.0/0 - skipping"),
      ("192.0.2.0/33", "Invalid netmask - 192.0.2.0/33 - skipping"),
      ("192.0.2.0/24x", "Invalid netmask - 192.0.2.0/24x - skipping"),
      ("192.0.2.0/999999", "Invalid netmask - 192.0.2.0/999999 - skipping"),
      ("2001:db8::1-10000", "end '10000' too large"),
      ("2001:db8::1-1g", "has extra characters at end 'g'"),
      ("2001:db8::1-192.0.2.1", "has extra characters at end '.0.2.1'"),
      ("2001:db8::1/64", "Address mask bits not empty"),
      ("2001:db8::/129", "Invalid netmask"),
      ("192.0.2.1-2001:db8::1", "Invalid virtual server group IP address 192.0.2.1-2001:db8::1"),
      ("fwmark x", "(G): fwmark 'x' must be in [0, 4294967295] - ignoring"),
      ("fwmark 4294967296", "(G): fwmark '4294967296' must be in [0, 4294967295] - ignoring"),
      ("fwmark 5 ipx", "(G): fwmark '5' family ipx unknown - ignoring"),
    ])
  func badEntry(line: String, message: String) {
    let outcome = read(group(line + "\n192.0.2.99"))
    #expect(outcome.lines == [2])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.testExitStatus == 5)
    #expect(
      outcome.configuration.lvs.groups.first?.entries == [range("192.0.2.99", "192.0.2.99")])
  }

  @Test("A daemon takes a range with something behind its end")
  func leniency() {
    let outcome = read(group("192.0.2.5-7x"), strictness: .run)
    #expect(outcome.lines == [2])
    #expect(outcome.configuration.lvs.groups.first?.entries == [range("192.0.2.5", "192.0.2.7")])
  }

  @Test("A missing word ends the reading", arguments: ["virtual_server_group", group("fwmark")])
  func missingWord(text: String) {
    #expect(read(text).testExitStatus == 2)
  }

  @Test("Groups that cannot be used are removed at their end")
  func removed() {
    let empty = read("virtual_server_group G\n{\n}\n")
    #expect(empty.messages == ["virtual server group G has no entries - removing"])
    #expect(empty.lines == [3])
    let mixed = read(group("192.0.2.1\n2001:db8::1\nfwmark 5"))
    #expect(
      mixed.messages == [
        "virtual server group G cannot have IPv4, IPv6 and fwmark without family - removing"
      ])
    #expect(mixed.lines == [5])
    #expect(mixed.configuration.lvs.groups == [])
    #expect(read(group("192.0.2.1\n2001:db8::1\nfwmark 5 inet")).messages == [])
  }
}

@Suite("Groups and their virtual servers")
struct GroupLinkingTests {
  private static func read(
    _ entries: String, lines: String = "protocol TCP", server: String = "198.51.100.1 80"
  ) -> ReadingOutcome {
    ConfigurationTests.read(
      virtualServer(
        "", service: "group G", settings: lines, server: "real_server \(server) {\n}")
        + group(entries))
  }

  @Test("A group may come behind; its virtual servers are numbered")
  func ordinals() {
    let outcome = ConfigurationTests.read(
      virtualServer("", service: "group G") + virtualServer("", service: "group H")
        + virtualServer("", service: "group G", settings: "protocol UDP")
        + group("192.0.2.1 80") + group("192.0.2.2 80", name: "H"))
    #expect(outcome.messages == [])
    #expect(
      outcome.configuration.lvs.virtualServers.map(\.name) == ["[G]:0", "[H]:0", "[G]:1"])
  }

  @Test("A group that does not exist: logged, no fault of the text")
  func unknown() {
    let outcome = ConfigurationTests.read(virtualServer("", service: "group G"))
    #expect(outcome.testExitStatus == 0)
    #expect(
      outcome.diagnostics.map(\.message) == [
        "Virtual server group G specified but not configured - ignoring virtual server [G]:0"
      ])
    #expect(outcome.configuration.lvs.virtualServers == [])
  }

  @Test("The family is the group's; another one does not fit")
  func families() throws {
    #expect(try Self.read("192.0.2.1 80").virtualServer().family == .ipv4)
    let other = Self.read("2001:db8::1 80")
    #expect(
      other.diagnostics.map(\.message) == [
        "G: address family doesn't match virtual server [G]:0 - ignoring"
      ])
    #expect(other.configuration.lvs.virtualServers == [])
    let both = Self.read("192.0.2.1 80\n2001:db8::1 80")
    #expect(
      both.diagnostics.map(\.message) == [
        "G: virtual server group with IPv4 & IPv6 doesn't match virtual server [G]:0 - ignoring"
      ])
    let tunnel = Self.read("192.0.2.1 80\n2001:db8::1 80", lines: "protocol TCP\nlb_kind TUN")
    #expect(tunnel.diagnostics == [])
    #expect(try tunnel.virtualServer().family == nil)
    let marked = Self.read("fwmark 5 inet6", lines: "lb_kind TUN")
    #expect(try marked.virtualServer().family == .ipv6)
  }

  @Test("Marks alone do not tell the family")
  func marks() throws {
    let outcome = Self.read("fwmark 5", lines: "lb_kind TUN", server: "198.51.100.1")
    #expect(
      outcome.diagnostics.map(\.message) == [
        "G: Virtual server [G]:0 address family cannot be determined, defaulting to IPv4"
      ])
    #expect(try outcome.virtualServer().family == .ipv4)
    #expect(try outcome.virtualServer().transport == nil)
    let known = Self.read("fwmark 5", lines: "alpha", server: "2001:db8::2")
    #expect(known.diagnostics == [])
    #expect(try known.virtualServer().family == .ipv6)
  }
}
