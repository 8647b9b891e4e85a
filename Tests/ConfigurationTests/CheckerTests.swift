import Configuration
import ConfigurationSyntax
import Primitives
import Testing

private let connecting = [
  "TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "PING_CHECK",
]
/// What a checker cannot do without, on one line.
private let essentials = [
  "HTTP_GET": "url { path / }", "SSL_GET": "url { path / }", "MISC_CHECK": "misc_path </dev/null",
]

/// A checker of a kind with what it cannot do without behind the lines.
private func complete(_ kind: String, _ lines: String) -> String {
  checker(kind, lines + "\n" + (essentials[kind] ?? ""))
}

@Suite("Keywords that checkers share")
struct CommonCheckerTests {
  @Test(
    "A bad value is reported on its line and changes nothing, in all that connect",
    arguments: connecting,
    [
      ("connect_ip 192.0.2", "Invalid connect_ip address 192.0.2 - ignoring"),
      ("connect_port 0", "Invalid checker connect_port '0'"),
      ("connect_port 65536", "Invalid checker connect_port '65536'"),
      ("bindto x", "Invalid bindto address x - ignoring"),
      (
        "bindto 2001:db8::1",
        "bindto address 2001:db8::1 does not match address family of connect_ip - skipping"
      ),
      ("bind_port 0", "Invalid checker bind_port '0'"),
      ("bind_if abcdefghijklmnop", "Interface name abcdefghijklmnop is too long - ignoring"),
      ("connect_timeout 0", "connect_timeout 0 invalid - ignoring"),
      ("fwmark 4294967296", "Invalid fwmark connection value '4294967296'"),
    ])
  func badConnection(kind: String, fault: (line: String, message: String)) throws {
    let outcome = read(complete(kind, fault.line))
    #expect(outcome.lines == [8])
    #expect(outcome.messages.contains { $0.contains(fault.message) }, "\(outcome.messages)")
    #expect(try outcome.checker() == read(complete(kind, "")).checker())
  }

  @Test(
    "A bad value is reported on its line and changes nothing, in all that run at intervals",
    arguments: connecting + ["MISC_CHECK"],
    [
      ("retry -1", "Invalid retry connection value '-1'"),
      ("delay_before_retry x", "delay_before_retry 'x' is invalid - ignoring"),
      ("warmup -1", "warmup '-1' is invalid - ignoring"),
      ("delay_loop 0", "delay_loop '0' is invalid - ignoring"),
      ("alpha maybe", "Invalid alpha parameter maybe"),
      ("log_all_failures maybe", "Invalid log_all_failures parameter maybe"),
      ("bogus", "Unknown keyword 'bogus'"),
    ])
  func badSetting(kind: String, fault: (line: String, message: String)) throws {
    let outcome = read(complete(kind, fault.line))
    #expect(outcome.lines == [8])
    #expect(outcome.messages.contains { $0.contains(fault.message) }, "\(outcome.messages)")
    #expect(try outcome.checker() == read(complete(kind, "")).checker())
  }

  @Test(
    "Without its word a keyword ends the reading", arguments: connecting,
    [
      "connect_ip", "connect_port", "bindto", "bind_port", "bind_if", "connect_timeout", "fwmark",
      "retry", "delay_before_retry", "warmup", "delay_loop",
    ])
  func missingWord(kind: String, line: String) {
    #expect(read(complete(kind, line)).testExitStatus == 2)
  }

  @Test("All values of a connection and of its settings", arguments: connecting)
  func values(kind: String) throws {
    let outcome = read(
      complete(
        kind,
        """
        connect_ip 2001:db8::2
        connect_port 65535
        bindto 2001:db8::1
        bind_port 1
        bind_if abcdefghijklmno
        connect_timeout 0.000001
        fwmark 4294967295
        retry 0
        delay_before_retry 0
        warmup 0
        delay_loop 0.000001
        alpha
        log_all_failures
        """))
    #expect(outcome.messages == [])
    let connection = try outcome.connection()
    #expect(connection.address == "2001:db8::2" && connection.port == 65535)
    #expect(connection.bindAddress == "2001:db8::1" && connection.bindPort == 1)
    #expect(connection.bindInterface == "abcdefghijklmno")
    #expect(connection.timeout == Microseconds(1))
    #expect(connection.mark == .max)
    let checker = try outcome.checker()
    #expect(checker.retry == 0 && checker.delayBeforeRetry == .zero && checker.warmup == .zero)
    #expect(checker.delayLoop == Microseconds(1))
    #expect(checker.isAlpha && checker.logsAllFailures)
  }

  @Test("A bad address leaves the one before it")
  func keptAddress() throws {
    let outcome = read(
      complete("TCP_CHECK", "connect_ip 192.0.2.7\nconnect_ip x\nbindto 192.0.2.8"))
    #expect(outcome.lines == [9])
    #expect(try outcome.connection().address == "192.0.2.7")
    #expect(try outcome.connection().bindAddress == "192.0.2.8")
    let other = read(complete("TCP_CHECK", "bindto 192.0.2.8\nconnect_ip 2001:db8::1"))
    #expect(
      other.messages == [
        "connect_ip address 2001:db8::1 does not match address family of bindto - skipping"
      ])
  }

  @Test("A link-local target needs an interface", arguments: connecting)
  func linkLocal(kind: String) throws {
    let outcome = read(complete(kind, "connect_ip fe80::1"))
    #expect(outcome.messages == ["Checker link local address fe80::1 requires a bind_if"])
    #expect(outcome.lines == [10])
    #expect(try outcome.realServer().checkers == [])
    let bound = read(complete(kind, "connect_ip fe80::1\nbind_if eth0"))
    #expect(bound.messages == [])
    #expect(try bound.connection().bindInterface == "eth0")
  }

  @Test("Times beyond all measure are cut down")
  func longTimes() throws {
    let outcome = read(complete("TCP_CHECK", "delay_loop 18446744073709.551614"))
    #expect(outcome.messages == [])
    #expect(try outcome.checker().delayLoop == .max)
    #expect(read(complete("TCP_CHECK", "delay_loop 99999999999999999999")).lines == [8])
    let rounded = read(complete("TCP_CHECK", "delay_loop 0.0000015"))
    #expect(rounded.messages == ["number '0.0000015' has too many decimal places"])
    #expect(try rounded.checker().delayLoop == Microseconds(2))
  }
}

@Suite("SMTP_CHECK, DNS_CHECK, UDP_CHECK, TCP_CHECK, PING_CHECK")
struct CheckerTests {
  @Test("Checks without keywords")
  func plain() throws {
    let target = CheckConnection(address: "198.51.100.1", port: 80)
    let outcome = read(
      realServer("TCP_CHECK { }\nPING_CHECK\n{\n}\nSMTP_CHECK { }\nDNS_CHECK { }\nUDP_CHECK { }"))
    #expect(outcome.messages == [])
    #expect(
      try outcome.realServer().checkers.map(\.kind) == [
        .tcp(target), .ping(target), .smtp(target, heloName: "smtpchecker.keepalived.org"),
        .dns(target, DNSQuestion()),
        .udp(
          UDPCheck(connection: target, payload: Array("keepalived check - keepalived ch".utf8))),
      ])
  }

  @Test(
    "A bad value is reported on its line",
    arguments: [
      ("SMTP_CHECK", "helo_name", "SMTP_CHECK helo name missing"),
      ("DNS_CHECK", "type ANY", "Unknown DNS check type ANY - ignoring"),
      ("DNS_CHECK", "name .a", "DNS_CHECK name '.a' has empty label - ignoring"),
      ("DNS_CHECK", "name ab..c", "DNS_CHECK name 'ab..c' has empty label - ignoring"),
      // Compatibility: a first label of one character.
      ("DNS_CHECK", "name a.example", "DNS_CHECK name 'a.example' has empty label - ignoring"),
      ("UDP_CHECK", "payload", "UDP_CHECK payload requires a payload"),
      ("UDP_CHECK", "payload xx", "Invalid hex string for UDP_CHECK payload"),
      ("UDP_CHECK", "payload \"\"", "Invalid hex string for UDP_CHECK payload"),
      ("UDP_CHECK", "require_reply zz", "Invalid hex string for UDP_CHECK reply"),
      (
        "UDP_CHECK", "min_reply_length 65536",
        "UDP_CHECK min length 65536 not valid - must be between 0 & 65535"
      ),
      (
        "UDP_CHECK", "max_reply_length 5x",
        "UDP_CHECK max length 5x not valid - must be between 0 & 65535"
      ),
    ])
  func badValue(kind: String, line: String, message: String) throws {
    let outcome = read(checker(kind, line))
    #expect(outcome.lines == [8])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(try outcome.checker() == read(checker(kind, "")).checker())
  }

  @Test(
    "Without its word a keyword ends the reading",
    arguments: [
      ("DNS_CHECK", "type"), ("DNS_CHECK", "name"), ("UDP_CHECK", "min_reply_length"),
      ("UDP_CHECK", "max_reply_length"), ("FILE_CHECK", "track_file"),
      ("SMTP_CHECK", "host {\nretry"),
    ])
  func missingWord(kind: String, line: String) {
    #expect(read(checker(kind, line)).testExitStatus == 2)
  }

  @Test(
    "Record types",
    arguments: [
      ("a", 1), ("NS", 2), ("Cname", 5), ("soa", 6), ("MX", 15), ("txt", 16), ("AAAA", 28),
      ("RRSIG", 46), ("dnskey", 48),
    ] as [(String, UInt16)])
  func recordTypes(word: String, number: UInt16) throws {
    guard case .dns(_, let question) = try read(checker("DNS_CHECK", "type \(word)")).checker().kind
    else {
      Issue.record("no DNS_CHECK")
      return
    }
    #expect(question.type.rawValue == number)
  }

  @Test(
    "Names to ask for",
    arguments: [
      (".", ""), ("\"\"", ""), ("example.org", "example.org"), ("example.org.", "example.org"),
      ("com", "com"), ("com\nname org", "com"),
    ])
  func names(text: String, name: String) throws {
    let outcome = read(checker("DNS_CHECK", "name \(text)"))
    guard case .dns(_, let question) = try outcome.checker().kind else {
      Issue.record("no DNS_CHECK")
      return
    }
    #expect(question.name == name)
    #expect(
      outcome.messages
        == (text.contains("\n") ? ["DNS_CHECK name already specified - ignoring"] : []))
  }

  @Test("A name that cannot be sent is refused where it stands, with the limit")
  func longNames() throws {
    let label = String(repeating: "a", count: 63)
    let longest = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    for text in [label, longest, longest + "."] {
      let outcome = read(checker("DNS_CHECK", "name \(text)"))
      #expect(outcome.messages == [])
      guard case .dns(_, let question) = try outcome.checker().kind else {
        Issue.record("no DNS_CHECK")
        return
      }
      #expect(text.hasPrefix(question.name) && !question.name.isEmpty)
    }
    let tooLong = [
      (
        "www.\(label)a.org", "has a label of 64 octets - ignoring", "labels of up to 63 octets"
      ),
      (
        "\(longest)b", "takes up 256 octets - ignoring",
        "up to 255 octets, a length before each label"
      ),
    ]
    for (name, message, limit) in tooLong {
      let outcome = read(checker("DNS_CHECK", "name \(name)"))
      #expect(outcome.messages == ["DNS_CHECK name '\(name)' \(message)"])
      #expect(outcome.lines == [8] && outcome.testExitStatus == 5)
      #expect(outcome.diagnostics.contains { $0.expected == limit })
      guard case .dns(_, let question) = try outcome.checker().kind else {
        Issue.record("no DNS_CHECK")
        return
      }
      #expect(question.name.isEmpty)
    }
  }

  @Test("What UDP_CHECK sends and expects")
  func datagrams() throws {
    func check(_ lines: String) throws -> UDPCheck {
      let outcome = read(checker("UDP_CHECK", lines))
      #expect(outcome.messages == [])
      guard case .udp(let check) = try outcome.checker().kind else {
        throw Unexpected(checker: try outcome.checker())
      }
      return check
    }
    #expect(
      try check("payload Ab12f 3 456 546443123").payload == [
        0xab, 0x12, 0x0f, 0x03, 0x45, 0x06, 0x54, 0x64, 0x43, 0x12, 0x03,
      ])
    #expect(try check("require_reply").reply == .required)
    var template = UDPCheck.Template(octets: [0xab, 0x01, 0x00], mask: [0xff, 0x0f, 0xf0])
    #expect(try check("require_reply ab x1 x").reply == .matching(template))
    template.minLength = 5
    template.maxLength = 65535
    #expect(
      try check("min_reply_length 5\nrequire_reply abx1X\nmax_reply_length 65535").reply
        == .matching(template))
    let never = read(checker("UDP_CHECK", "min_reply_length 256"))
    #expect(
      never.messages == ["UDP_CHECK min_reply length 256 > max_reply_length 255 - will always fail"]
    )
    #expect(never.lines == [9])
  }

  @Test("A host of SMTP_CHECK is a check of its own, or the only one")
  func hosts() throws {
    let message = "The SMTP_CHECK host block is deprecated. Please define additional checkers."
    func targets(_ lines: String) throws -> [String] {
      let outcome = read(checker("SMTP_CHECK", lines))
      #expect(outcome.messages == [])
      #expect(Set(outcome.remarks) == [message])
      return try outcome.realServer().checkers.map { checker in
        let connection = try #require(checker.connection)
        return
          "\(connection.address) \(connection.port) \(connection.timeout.count) \(checker.retry)"
      }
    }
    #expect(try targets("host {\nconnect_ip 192.0.2.7\n}") == ["192.0.2.7 80 5000000 1"])
    #expect(
      try targets("connect_port 25\nhost {\nconnect_ip 192.0.2.7\nretry 7\n}")
        == ["198.51.100.1 25 5000000 7", "192.0.2.7 80 5000000 7"])
    #expect(
      try targets("retry 3\nhost {\nconnect_timeout 1\n}\nhost {\n}")
        == ["198.51.100.1 80 1000000 3", "198.51.100.1 80 5000000 3"])
    let bad = read(checker("SMTP_CHECK", "host {\nconnect_port 0\nhelo_name x\n}\nconnect_port 5"))
    #expect(bad.lines == [9, 10])
    #expect(try bad.realServer().checkers.count == 2)
  }

  @Test("The last name for SMTP counts")
  func helo() throws {
    let outcome = read(checker("SMTP_CHECK", "helo_name a\nhelo_name b c"))
    #expect(outcome.messages == ["SMTP_CHECK helo name already specified"])
    guard case .smtp(_, let name) = try outcome.checker().kind else {
      Issue.record("no SMTP_CHECK")
      return
    }
    #expect(name == "b")
  }
}
