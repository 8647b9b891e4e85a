import ConfigurationSyntax
import IPVS
import Primitives

extension VirtualServer {
  private typealias Row = Keyword<VirtualServerDraft>

  /// The keywords of `virtual_server`.
  static let keywords = KeywordTable<VirtualServerDraft>(
    "virtual_server",
    [
      Row("ip_family", "inet|inet6", default: "that of its addresses", "Address family.") {
        draft, line, reader throws(ReadingStop) in
        try readFamily(&draft, line, reader.context)
      }
    ] + checkKeywords + schedulerKeywords + persistenceKeywords + stateKeywords + quorumKeywords
      + serverKeywords)

  private static func readFamily(
    _ draft: inout VirtualServerDraft, _ line: Statement, _ context: ReadingContext
  ) throws(ReadingStop) {
    let word = try line.word(1).text
    let family: AddressFamily
    switch word {
    case "inet": family = .ipv4
    case "inet6": family = .ipv6
    default:
      context.report(
        .general, "unknown address family \(word)", at: line, word: 1, expected: "inet or inet6")
      return
    }
    draft.takeFamily(family)
    if draft.server.family != family {
      context.report(
        .general, "Virtual server specified family \(word) conflicts with server family", at: line,
        word: 1)
    }
  }

  private static let checkKeywords: [Row] =
    Row.checkSettings(
      from: nil, retry: .serverRetry("1; DNS_CHECK 3, MISC_CHECK 0"))
    + [
      .serverTimeout("5"),
      .flag("inhibit_on_failure", "Failed real servers stay, with weight 0.") {
        $0.inhibitsOnFailure = true
      },
      .flag("alpha", "Checks count as failed until they have succeeded.") {
        $0.settings.isAlpha = true
      },
      .unsigned(
        "weight", "N", 1...UInt64(Int32.max), default: "1", "Default weight of real servers.",
        invalid: { "Virtual server weight \($1) is outside range 1-2147483647" }
      ) { $0.weight = UInt32(truncatingIfNeeded: $1) },
      .string(
        "virtualhost", default: "that of the real server or checker",
        "Host of HTTP_GET and SSL_GET.", what: "virtual server virtualhost",
        missing: "virtual server virtualhost missing", \.server.virtualHost),
    ]

  private static let stateKeywords: [Row] = [
    Row("protocol", "TCP|UDP|SCTP", range: "any case", default: "UDP", "Transport protocol.") {
      draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if let transport = TransportProtocol(rawValue: word.lowercased()) {
        draft.server.transport = transport
      } else {
        reader.context.report(
          .general, "Unknown protocol \(word) - ignoring", at: line, word: 1,
          expected: "TCP, UDP or SCTP")
      }
    },
    .flag("ha_suspend", "Check only while this machine has the virtual server's address.") {
      $0.server.hasHASuspend = true
    },
    .boolean(
      "smtp_alert", default: "smtp_alert_checker, else smtp_alert, else false", effect: .none,
      "Mail when the quorum is gained or lost.",
      invalid: { "Invalid virtual_server smtp_alert parameter \($1)" }
    ) { $0.smtpAlert = $1 },
    .snmpName("virtual server", \.server.snmpName),
    .flag("omega", "Tell of everything that goes down when the program ends.") {
      $0.server.hasOmega = true
    },
  ]

  private static let quorumKeywords: [Row] = [
    .unsigned(
      "quorum", "N", 1...UInt64(UInt32.max), default: "1",
      "Weight of living servers that is needed.",
      invalid: { "Quorum \($1) must be in [1, 4294967295]. Setting to 1." },
      otherwise: { $0.server.quorum = 1 }
    ) { $0.server.quorum = UInt32(truncatingIfNeeded: $1) },
    .unsigned(
      "hysteresis", "N", 0...UInt64(UInt32.max), default: "0",
      "Weight above the quorum to gain it, and below it to lose it; less than the quorum.",
      invalid: { "Hysteresis \($1) must be in [0, 4294967295] - ignoring" }
    ) { $0.server.hysteresis = UInt32(truncatingIfNeeded: $1) },
    .notify("quorum_up", "Run when the quorum is gained.", \.server.quorumUp),
    .notify("quorum_down", "Run when the quorum is lost.", \.server.quorumDown),
  ]

  private static let serverKeywords: [Row] = [
    Row(
      "sorry_server", "ADDR [PORT]", range: "PORT 1 to 65535", default: "none",
      "Server that is used while the quorum is lost."
    ) { draft, line, reader throws(ReadingStop) in
      try draft.readSorryServer(line, reader.context)
    },
    Row(
      "sorry_server_inhibit", default: "off",
      "The sorry server stays, with weight 0; behind sorry_server."
    ) { draft, line, reader in
      guard draft.sorryServer != nil else {
        reader.context.report(
          .general, "Ignoring sorry_server inhibit used before or without sorry_server", at: line)
        return
      }
      draft.sorryServer?.server.inhibitsOnFailure = true
    },
    Row(
      "sorry_server_lvs_method", Row.forwardingArguments, range: "port 1 to 65535, with gue only",
      default: "lvs_method", "How packets reach the sorry server; behind sorry_server."
    ) { draft, line, reader throws(ReadingStop) in
      guard var sorry = draft.sorryServer else {
        reader.context.report(
          .general, "sorry_server forwarding used without sorry_server", at: line)
        return
      }
      try sorry.forwarding.read(line, reader.context, server: "sorry")
      draft.sorryServer = sorry
    },
    Row(
      "real_server", "ADDR [PORT] { … }", range: "PORT 1 to 65535",
      default: "PORT that of the virtual server", "A server behind the service."
    ) { draft, line, reader throws(ReadingStop) in try draft.readRealServer(line, &reader) },
  ]
}
