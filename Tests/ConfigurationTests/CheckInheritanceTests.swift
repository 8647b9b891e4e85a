import Configuration
import ConfigurationSyntax
import Primitives
import Testing

/// A virtual server, a real server and a checker with lines of their own.
private func text(
  virtual: String = "", real: String = "", check: String = "", kind: String = "TCP_CHECK",
  global: String = "", rest: String = ""
) -> String {
  (global.isEmpty ? "" : "global_defs {\n\(global)\n}\n")
    + virtualServer(
      virtual,
      server: "real_server 198.51.100.1 80 {\n\(real)\n\(kind) {\n\(check)\n\(rest)\n}\n}")
}

@Suite("What checkers and servers inherit")
struct CheckInheritanceTests {
  private static func seconds(_ time: Microseconds?) -> Int64 { (time?.count ?? 0) / 1_000_000 }

  /// The keywords of all three levels, and what the checker has of each.
  private static func values(_ checker: Checker) -> [String: Int64] {
    [
      "retry": Int64(checker.retry), "delay_before_retry": seconds(checker.delayBeforeRetry),
      "delay_loop": seconds(checker.delayLoop), "warmup": seconds(checker.warmup),
      "connect_timeout": seconds(checker.connection?.timeout),
    ]
  }

  @Test(
    "The checker's own, else the real server's, else the virtual server's",
    arguments: ["retry", "delay_before_retry", "delay_loop", "warmup", "connect_timeout"])
  func levels(keyword: String) throws {
    let all = read(text(virtual: "\(keyword) 7", real: "\(keyword) 8", check: "\(keyword) 9"))
    #expect(try Self.values(all.checker())[keyword] == 9)
    let servers = read(text(virtual: "\(keyword) 7", real: "\(keyword) 8"))
    #expect(try Self.values(servers.checker())[keyword] == 8)
    let virtual = read(text(virtual: "\(keyword) 7"))
    #expect(try Self.values(virtual.checker())[keyword] == 7)
  }

  @Test("alpha can be switched off again on each level")
  func alpha() throws {
    #expect(try read(text(virtual: "alpha")).checker().isAlpha)
    #expect(try !read(text(virtual: "alpha", real: "alpha no")).checker().isAlpha)
    #expect(try read(text(real: "alpha no", check: "alpha")).checker().isAlpha)
    #expect(try !read(text()).checker().isAlpha)
  }

  @Test(
    "Defaults of each kind",
    arguments: [
      ("TCP_CHECK", "", 1, 1), ("SMTP_CHECK", "", 1, 1), ("UDP_CHECK", "", 1, 1),
      ("PING_CHECK", "", 1, 1), ("HTTP_GET", "url { path / }", 1, 3),
      ("SSL_GET", "url { path / }", 1, 3), ("DNS_CHECK", "", 3, 11),
      ("MISC_CHECK", "misc_path </x", 0, 1),
    ] as [(String, String, UInt32, Int64)])
  func defaults(kind: String, rest: String, retry: UInt32, delay: Int64) throws {
    let outcome = read(text(virtual: "delay_loop 11", kind: kind, rest: rest))
    let checker = try outcome.checker()
    #expect(checker.retry == retry)
    #expect(checker.delayBeforeRetry == .seconds(delay))
    #expect(checker.delayLoop == .seconds(11))
    #expect(checker.warmup == .seconds(11))
    #expect(checker.connection?.timeout ?? .seconds(5) == .seconds(5))
    #expect(!checker.isAlpha && !checker.logsAllFailures)
    let own = try read(text(check: "delay_loop 4", kind: kind, rest: rest)).checker()
    #expect(own.warmup == .seconds(4))
    #expect(try read(text(kind: kind, rest: rest)).checker().delayLoop == .seconds(60))
  }

  @Test("What comes behind the servers holds for them too")
  func order() throws {
    let server = "real_server 198.51.100.1 80 {\nTCP_CHECK { }\n}\ndelay_loop 5\nweight 9\nalpha"
    let outcome = read(virtualServer("", server: server))
    #expect(try outcome.checker().delayLoop == .seconds(5))
    #expect(try outcome.checker().isAlpha)
    #expect(try outcome.realServer().weight == 9)
  }

  @Test("Weight and inhibit_on_failure of a real server")
  func serverValues() throws {
    let inherited = try read(text(virtual: "weight 5\ninhibit_on_failure")).realServer()
    #expect(inherited.weight == 5 && inherited.inhibitsOnFailure)
    let own = try read(
      text(virtual: "weight 5\ninhibit_on_failure", real: "weight 6\ninhibit_on_failure no")
    ).realServer()
    #expect(own.weight == 6 && !own.inhibitsOnFailure)
  }

  @Test(
    "Mail: the own setting, else the checker's global one, else the global one",
    arguments: [
      ("", "", false, true), ("smtp_alert no", "", false, false), ("smtp_alert", "", true, true),
      ("smtp_alert no\nsmtp_alert_checker", "", true, true),
      ("smtp_alert\nsmtp_alert_checker no", "", false, false), ("", "smtp_alert", true, true),
      ("smtp_alert_checker no", "smtp_alert", true, false),
    ])
  func mail(global: String, virtual: String, server: Bool, real: Bool) throws {
    let outcome = read(text(virtual: virtual, global: global))
    #expect(try outcome.virtualServer().smtpAlert == server)
    #expect(try outcome.realServer().smtpAlert == real)
  }

  @Test("The host's name: the check's, else the real server's, else the virtual server's")
  func virtualHost() throws {
    func host(_ virtual: String, _ real: String, _ check: String) throws -> String? {
      try read(
        text(
          virtual: virtual, real: real, check: check, kind: "HTTP_GET", rest: "url { path / }")
      ).http().virtualHost
    }
    #expect(try host("virtualhost a", "virtualhost b", "virtualhost c") == "c")
    #expect(try host("virtualhost a", "virtualhost b", "") == "b")
    #expect(try host("virtualhost a", "", "") == "a")
    #expect(try host("", "", "") == nil)
  }

  @Test("Logging of all failures is switched on by either")
  func logging() throws {
    #expect(try read(text(global: "checker_log_all_failures")).checker().logsAllFailures)
    #expect(try read(text(check: "log_all_failures")).checker().logsAllFailures)
    #expect(
      try read(text(check: "log_all_failures no", global: "checker_log_all_failures")).checker()
        .logsAllFailures)
  }

  @Test("The port to check is the one as written, and without one that of the service")
  func ports() throws {
    func port(_ service: String, _ real: String, settings: String = "protocol TCP") throws -> UInt16
    {
      let groups =
        "virtual_server_group G {\n192.0.2.1 81\n192.0.2.2 81\n}\n"
        + "virtual_server_group H {\n192.0.2.1 81\n192.0.2.2 82\n}\n"
      return try read(
        virtualServer(
          "", service: service, settings: settings,
          server: "real_server \(real) {\nTCP_CHECK { }\n}") + groups
      ).connection().port
    }
    #expect(try port("192.0.2.1 80", "198.51.100.1") == 80)
    #expect(try port("192.0.2.1 80", "198.51.100.1 8080") == 8080)
    // Compatibility: though packets go to port 80.
    #expect(try port("192.0.2.1 80", "198.51.100.1 8080", settings: "lb_kind DR") == 8080)
    #expect(try port("group G", "198.51.100.1") == 81)
    #expect(try port("group H", "198.51.100.1") == 0)
    #expect(try port("fwmark 5", "198.51.100.1") == 0)
  }
}
