import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("Hostile texts of virtual servers")
struct HostileServerTests {
  private static let numberTexts = [
    "", "-", "+", "0", "-0", "00000000000000000000000000000000000001", "4294967295", "4294967296",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999999999999999", "-9223372036854775808", "1.", ".1", "1e9", "0x1",
    "\u{0661}", "\"\"", "\" 5\"",
  ]

  @Test("Numbers of any size are read or refused, on both ways of reading", arguments: numberTexts)
  func numbers(number: String) {
    let keywords = [
      "quorum", "hysteresis", "weight", "retry", "delay_loop", "warmup", "delay_before_retry",
      "connect_timeout", "persistence_timeout", "persistence_granularity",
      "lb_kind TUN type gue port", "sorry_server 192.0.2.9",
    ]
    let ofChecker = [
      "connect_port", "bind_port", "fwmark", "retry", "delay_loop", "warmup",
      "min_reply_length", "max_reply_length",
    ]
    for strictness in [ReadingContext.Strictness.test, .run] {
      for keyword in keywords {
        _ = read(virtualServer("\(keyword) \(number)"), strictness: strictness)
        _ = read(
          virtualServer("\(keyword) \(number)", service: "fwmark \(number)"), strictness: strictness
        )
      }
      for keyword in ofChecker {
        _ = read(checker("UDP_CHECK", "\(keyword) \(number)"), strictness: strictness)
      }
      for keyword in ["status_code", "regex_min_offset", "regex_max_offset", "regex_stack 0"] {
        let url = "url {\npath /\nregex a\n\(keyword) \(number)\n}"
        _ = read(checker("HTTP_GET", url), strictness: strictness)
      }
      for entry in ["192.0.2.1-", "192.0.2.0/", "2001:db8::1-", "2001:db8::/", "fwmark ", "::1 "] {
        _ = read(
          "virtual_server_group G {\n\(entry)\(number)\n}\n"
            + virtualServer("", service: "group G"), strictness: strictness)
      }
    }
  }

  @Test("Every beginning of a text comes to an end")
  func beginnings() {
    let text =
      """
      SSL { key /k }
      bfd_instance b { neighbor_ip 192.0.2.1 }
      track_file f { file /tmp/f }
      virtual_server_group G { fwmark 5 inet }
      """
      + virtualServer(
        "quorum_up '/a b' root\nsorry_server 192.0.2.9\nlb_kind TUN type gue port 5",
        service: "group G",
        server: """
          real_server 198.51.100.1 80 {
          HTTP_GET { url { regex "a\\\\b"
          status_code 200 } }
          SMTP_CHECK { host { connect_ip 192.0.2.7 } }
          MISC_CHECK { misc_path "/a 'b" }
          BFD_CHECK { name b }
          FILE_CHECK { track_file f }
          UDP_CHECK { require_reply a x }
          }
          """)
    for length in 0...text.utf8.count {
      let beginning = String(decoding: text.utf8.prefix(length), as: UTF8.self)
      let status = read(beginning).testExitStatus
      #expect([0, 2, 4, 5, 6].contains(status))
    }
  }

  @Test("Blocks in blocks end at a limit or with the text")
  func depth() {
    let blocks = [
      "virtual_server 192.0.2.1 80 {", "real_server 192.0.2.2 80 {", "HTTP_GET {", "url {",
    ]
    let open = blocks.joined(separator: "\n") + "\n"
    #expect(read(open).testExitStatus == 5)
    #expect(read(String(repeating: open, count: 1000)).testExitStatus == 5)
    #expect(read(open + String(repeating: "{", count: 900) + "\n").testExitStatus == 5)
  }

  @Test("Many servers are read in reasonable time")
  func many() throws {
    let servers = (0..<5000).map {
      "real_server 10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255) 80 { }"
    }
    let outcome = read(virtualServer("", server: servers.joined(separator: "\n")))
    #expect(outcome.messages == [])
    #expect(try outcome.virtualServer().realServers.count == 5000)
    let checks = read(realServer(String(repeating: "TCP_CHECK { }\n", count: 5000)))
    #expect(try checks.realServer().checkers.count == 5000)
    let virtual = (0..<2000).map { virtualServer("", service: "group G\($0)") }
    let groups = (0..<2000).map { "virtual_server_group G\($0) {\n192.0.2.1 80\n}\n" }
    let grouped = read((virtual + groups).joined())
    #expect(grouped.messages == [])
    #expect(grouped.configuration.lvs.virtualServers.count == 2000)
  }

  @Test("All that is behind a missing word counts for nothing")
  func stop() {
    let outcome = read(realServer("weight") + virtualServer("bogus"))
    #expect(outcome.messages.count == 1)
    #expect(outcome.refusals == [Refusal(.checker, .missingParameter)])
  }
}
