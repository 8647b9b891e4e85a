import Configuration
import ConfigurationSyntax
import Primitives
import Testing

private let kinds = ["HTTP_GET", "SSL_GET"]

/// A check with a good url behind the lines.
private func check(_ lines: String, kind: String = "HTTP_GET") -> String {
  checker(kind, lines + "\nurl { path / }")
}

/// A check whose url has more lines, from line 10 on.
private func url(_ lines: String, kind: String = "HTTP_GET") -> String {
  checker(kind, "url {\npath /\n\(lines)\n}")
}

@Suite("HTTP_GET and SSL_GET")
struct HTTPCheckTests {
  @Test(
    "A bad value is reported on its line and changes nothing", arguments: kinds,
    [
      ("nb_get_retry x", "Invalid retry connection value 'x'"),
      ("virtualhost", "HTTP_GET virtualhost name missing"),
      ("http_protocol 2", "Invalid http_protocol version 2"),
      ("http_protocol", "Missing http_protocol version"),
      ("enable_sni maybe", "Invalid enable_sni parameter maybe"),
      ("fast_recovery maybe", "Invalid fast_recovery parameter maybe"),
      ("path /", "Unknown keyword 'path'"),
    ])
  func badValue(kind: String, fault: (line: String, message: String)) throws {
    let outcome = read(check(fault.line, kind: kind))
    #expect(outcome.lines == [8])
    #expect(outcome.messages.contains { $0.contains(fault.message) }, "\(outcome.messages)")
    #expect(try outcome.http() == read(check("", kind: kind)).http())
  }

  @Test(
    "A bad value of a url is reported on its line and changes nothing", arguments: kinds,
    [
      ("digest 12", "digest '12' character length should be 32 rather than 2"),
      (
        "digest 0123456789abcdefg123456789abcdef",
        "Unable to interpret hex digit in 'g1' at offset 16/17"
      ),
      ("status_code 99", "Invalid HTTP_GET status code '99'"),
      ("status_code 600", "Invalid HTTP_GET status code '600'"),
      ("status_code 200-", "Invalid HTTP_GET status code '200-'"),
      ("status_code 300-200", "Invalid HTTP_GET status code '300-200'"),
      ("status_code 200-999", "Invalid HTTP_GET status code '200-999'"),
      ("status_code -200", "Invalid HTTP_GET status code '-200'"),
      ("status_code 99999999999999999999", "Invalid HTTP_GET status code"),
      ("virtualhost", "Missing HTTP_GET virtualhost name"),
      ("regex", "regex missing or too many fields"),
      ("regex a b", "regex missing or too many fields"),
    ])
  func badURL(kind: String, fault: (line: String, message: String)) throws {
    let outcome = read(url(fault.line, kind: kind))
    #expect(outcome.lines == [10])
    #expect(outcome.messages.contains { $0.contains(fault.message) }, "\(outcome.messages)")
    #expect(try outcome.http() == read(url("", kind: kind)).http())
  }

  @Test(
    "Without its word a keyword ends the reading",
    arguments: [check("nb_get_retry"), url("path"), url("digest")])
  func missingWord(text: String) {
    #expect(read(text).testExitStatus == 2)
  }

  @Test("All values", arguments: kinds)
  func values(kind: String) throws {
    let outcome = read(
      checker(
        kind,
        """
        nb_get_retry 7
        virtualhost www.example
        http_protocol 1.1
        sni_name sni.example
        fast_recovery
        url {
        path "/a b"
        digest 0123456789ABCDEFabcdef0123456789
        status_code 200 301-302
        virtualhost other.example
        }
        url {
        path /b
        }
        """))
    #expect(outcome.messages == ["nb_get_retry is deprecated - please use 'retry'"])
    #expect(try outcome.checker().retry == 7)
    let check = try outcome.http()
    #expect(check.isTLS == (kind == "SSL_GET"))
    #expect(check.version == .http11)
    #expect(check.virtualHost == "www.example")
    #expect(check.enablesSNI && check.hasFastRecovery && !check.isTLSCompliant)
    #expect(check.sniName == "sni.example")
    #expect(check.urls.map(\.path) == ["/a b", "/b"])
    #expect(check.urls[0].digest?.first == 0x01)
    #expect(check.urls[0].digest?.count == 16)
    #expect(check.urls[0].virtualHost == "other.example")
    #expect(check.urls[0].statusCodes.ranges == [200...200, 301...302])
    #expect(check.urls[1].statusCodes == .standard)
    #expect(check.urls[1].digest == nil)
  }

  @Test(
    "Versions of HTTP",
    arguments: [
      ("1.0", .http10), ("1.0C", .http10Close), ("1.0c", .http10Close), ("1.1", .http11),
    ] as [(String, HTTPCheck.Version)])
  func versions(word: String, version: HTTPCheck.Version) throws {
    #expect(try read(check("http_protocol \(word)")).http().version == version)
  }

  @Test("SNI, and what SSL_GET has alone")
  func tls() throws {
    let alone = try read(check("sni_name", kind: "SSL_GET")).http()
    #expect(alone.enablesSNI && alone.sniName == nil)
    let text = "tls_compliant\nurl {\npath /\ntls_compliant no\ntls_compliant\n}"
    let check = try read(checker("SSL_GET", text)).http()
    #expect(check.isTLSCompliant && check.urls[0].isTLSCompliant)
    #expect(read(checker("HTTP_GET", text)).lines == [8, 11, 12])
    #expect(read(checker("SSL_GET", "tls_compliant maybe\nurl { path / }")).lines == [8])
  }

  @Test("A check needs a url, and a url needs a path")
  func incomplete() throws {
    let outcome = read(realServer("HTTP_GET {\n}\nSSL_GET {\nurl {\nstatus_code 200\n}\n}"))
    #expect(
      outcome.messages == [
        "HTTP/SSL_GET checker has no urls specified - ignoring",
        "HTTP/SSL_GET checker url has no path - ignoring",
        "HTTP/SSL_GET checker has no urls specified - ignoring",
      ])
    #expect(outcome.lines == [8, 12, 13])
    #expect(try outcome.realServer().checkers == [])
  }

  @Test("Names that are there twice are replaced, a digest is not")
  func repeated() throws {
    let outcome = read(
      checker(
        "HTTP_GET",
        """
        virtualhost a
        virtualhost b
        sni_name a
        sni_name b
        url {
        path /a
        path /b
        virtualhost a
        virtualhost b
        regex a
        regex b
        digest 00000000000000000000000000000000
        digest 11111111111111111111111111111111
        }
        """))
    #expect(outcome.lines == [9, 11, 14, 16, 18, 20])
    let check = try outcome.http()
    #expect(check.virtualHost == "b" && check.sniName == "b")
    #expect(check.urls[0].path == "/b" && check.urls[0].virtualHost == "b")
    #expect(check.urls[0].regex?.pattern == [UInt8(ascii: "b")])
    #expect(check.urls[0].digest == [UInt8](repeating: 0, count: 16))
  }

  @Test("Status codes add up, and never become more than there are")
  func statusCodes() throws {
    let lines = (100...599).map { "status_code \($0) 200-300" }.joined(separator: "\n")
    let all = try read(url(lines)).http().urls[0].statusCodes
    #expect(all.ranges == [100...599])
    let some = read(url("status_code 404 x 200-202\nstatus_code 201-204 500"))
    #expect(some.lines == [10])
    let codes = try some.http().urls[0].statusCodes
    #expect(codes.ranges == [200...204, 404...404, 500...500])
    #expect(codes.contains(203) && !codes.contains(205))
    #expect(try read(url("status_code")).http().urls[0].statusCodes == .standard)
  }
}

@Suite("regex of a url")
struct RegexTests {
  private static func regex(_ lines: String) throws -> HTTPCheck.Regex? {
    try read(url(lines)).http().urls[0].regex
  }

  @Test("All values")
  func values() throws {
    let outcome = read(
      url(
        #"""
        regex "a \"b\"\\d\x00\xff"
        regex_no_match
        regex_options utf caseless
        regex_options dotall
        regex_min_offset 5
        regex_max_offset 5
        regex_stack 32768 1048576
        """#))
    #expect(outcome.diagnostics.map(\.message) == ["'regex_stack' is read, but has no effect yet"])
    let regex = try #require(outcome.http().urls[0].regex)
    #expect(regex.pattern == Array(#"a "b"\d"#.utf8) + [0, 255])
    #expect(regex.isNegated)
    #expect(regex.options == ["utf", "caseless", "dotall"])
    #expect(regex.minOffset == 5 && regex.maxOffset == 5)
    #expect(regex.stack == HTTPCheck.Regex.Stack(start: 32768, max: 1_048_576))
  }

  @Test(
    "What is wrong with offsets and memory is logged, and no fault of the text",
    arguments: [
      "regex_min_offset", "regex_min_offset 5 6", "regex_min_offset x", "regex_max_offset",
      "regex_max_offset 5x", "regex_max_offset 99999999999999999999", "regex_stack 5",
      "regex_stack 5 4", "regex_stack x y", "regex_stack 1 2 3",
    ])
  func logged(line: String) throws {
    let outcome = read(url("regex a\n\(line)"))
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.diagnostics.map(\.class).filter { $0 != .hint } == [.note])
    #expect(try outcome.http() == read(url("regex a")).http())
  }

  @Test("Offsets that cannot be are left out")
  func offsets() throws {
    let regex = try #require(try Self.regex("regex a\nregex_min_offset 6\nregex_max_offset 5"))
    #expect(regex.minOffset == 0 && regex.maxOffset == nil)
    #expect(try Self.regex("regex a\nregex_min_offset 18446744073709551615")?.minOffset == .max)
  }

  @Test("Without a pattern the other keywords mean nothing")
  func noPattern() throws {
    let outcome = read(url("regex_no_match"))
    #expect(outcome.diagnostics.map(\.message) == ["regex parameters specified without regex"])
    #expect(outcome.testExitStatus == 0)
    #expect(try outcome.http().urls[0].regex == nil)
  }

  @Test("An unknown option is hinted at")
  func unknownOption() throws {
    let outcome = read(url("regex a\nregex_options utf case"))
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.hints == ["unknown regex option case"])
    #expect(try outcome.http().urls[0].regex?.options == ["utf"])
  }

  @Test("A pattern without its second quote")
  func missingQuote() throws {
    let outcome = read(url("regex 'a"))
    #expect(outcome.testExitStatus == 5)
    #expect(try outcome.http().urls[0].regex == nil)
  }
}
