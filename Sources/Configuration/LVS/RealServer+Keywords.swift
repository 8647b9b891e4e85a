import ConfigurationSyntax
import Primitives

extension RealServer {
  private typealias Row = Keyword<RealServerDraft>

  /// The keywords of `real_server`.
  static let keywords = KeywordTable<RealServerDraft>(
    "real_server",
    [
      .unsigned(
        "weight", "N", 0...UInt64(Int32.max), default: "weight of the virtual server",
        "Share of the connections.",
        invalid: { "Real server weight \($1) is outside range 0-2147483647" }
      ) { $0.weight = UInt32(truncatingIfNeeded: $1) },
      .forwarding(
        "lvs_method", default: "lvs_method of the virtual server", "How packets reach the server.",
        server: "real", \.forwarding),
      threshold("uthreshold", "From so many connections on it gets no new ones; 0 for any number.")
      {
        $0.upperThreshold = $1
      },
      threshold("lthreshold", "Below so many connections it gets new ones again.") {
        $0.lowerThreshold = $1
      },
      .boolean(
        "inhibit_on_failure", default: "inhibit_on_failure of the virtual server",
        "While it has failed it stays, with weight 0.",
        invalid: { "Invalid inhibit_on_failure parameter \($1)" }
      ) { $0.inhibitsOnFailure = $1 },
      .notify("notify_up", "Run when it comes up.", \.server.notifyUp),
      .notify("notify_down", "Run when it goes down.", \.server.notifyDown),
    ] + checkKeywords + checkers)

  private static let checkKeywords: [Row] =
    [
      .boolean(
        "alpha", default: "alpha of the virtual server",
        "Checks count as failed until they have succeeded.",
        invalid: { "Invalid alpha parameter \($1)" }
      ) { $0.settings.isAlpha = $1 }
    ] + Row.checkSettings(from: "virtual server", retry: .serverRetry(fromVirtualServer)) + [
      .serverTimeout(fromVirtualServer),
      .boolean(
        "smtp_alert", default: "smtp_alert_checker, else smtp_alert, else true", effect: .none,
        "Mail when it goes up or down.",
        invalid: { "Invalid real_server smtp_alert parameter \($1)" }
      ) { $0.smtpAlert = $1 },
      .string(
        "virtualhost", default: "virtualhost of the virtual server",
        "Host of HTTP_GET and SSL_GET.", what: "real server virtualhost",
        missing: "real server virtualhost missing", \.server.virtualHost),
      .snmpName("real server", \.server.snmpName),
    ]

  private static let fromVirtualServer = "that of the virtual server"

  private static func threshold(
    _ name: String, _ help: String, set: @escaping @Sendable (inout RealServer, UInt32) -> Void
  ) -> Row {
    .unsigned(
      name, "N", 0...UInt64(UInt32.max), default: "0", help,
      invalid: { "Invalid real_server \(name) '\($1)' - ignoring" }
    ) { set(&$0.server, UInt32(truncatingIfNeeded: $1)) }
  }

  private static let checkers: [Row] = [
    .checker(.tcp, .init(), CheckerKeywords.tcp, "Connects by TCP."),
    .checker(.http, .init(isTLS: false), CheckerKeywords.http, "Asks for urls by HTTP."),
    .checker(.https, .init(isTLS: true), CheckerKeywords.https, "Asks for urls by HTTPS."),
    .checker(.smtp, .init(), CheckerKeywords.smtp, "Greets a mail server."),
    .checker(.dns, .init(), CheckerKeywords.dns, "Asks a name server by UDP."),
    .checker(.udp, .init(), CheckerKeywords.udp, "Sends a datagram."),
    .checker(.ping, .init(), CheckerKeywords.ping, "Sends an ICMP echo request."),
    .checker(.misc, .init(), CheckerKeywords.misc, "Runs a program."),
    .checker(.bfd, .init(), CheckerKeywords.bfd, "Goes by a BFD session."),
    .checker(.file, .init(), CheckerKeywords.file, "Goes by the number in a file."),
  ]
}
