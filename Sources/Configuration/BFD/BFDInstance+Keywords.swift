import ConfigurationSyntax
import Primitives

/// A `bfd_instance` while the BFD process reads it.
struct BFDInstanceDraft {
  var name: String
  var neighborIP: IPAddress?
  var sourceIP: IPAddress?
  var minRx: Microseconds?
  var minTx: Microseconds?
  var idleTx: Microseconds?
  var multiplier: UInt8?
  var isPassive = false
  var ttl: UInt8?
  var maxHops: UInt8 = 0
  var isMultihop = false
  var hasVRRP = false
  var hasChecker = false
  /// The neighbor's address cannot be read: there is no instance.
  var isRefused = false

  init(name: String) { self.name = name }

  /// How messages begin.
  var subject: String { "Configuration error: BFD instance \(name)" }
}

extension BFDInstance {
  private typealias Row = Keyword<BFDInstanceDraft>

  /// The keywords of `bfd_instance`.
  static let keywords = KeywordTable<BFDInstanceDraft>(
    "bfd_instance",
    addressKeywords + [
      interval("min_rx", 1, default: "10", "Shortest time between packets that are received.") {
        $0.minRx = $1
      },
      interval("min_tx", 1, default: "10", "Shortest time between packets that are sent.") {
        $0.minTx = $1
      },
      interval("idle_tx", 1000, default: "1000", "Time between packets while it is not up.") {
        $0.idleTx = $1
      },
      .unsigned(
        "multiplier", "N", 1...255, default: "5",
        "So many packets lost in a row take the session down.",
        invalid: { "\($0.subject) multiplier value \($1) not valid \(range("1-255")), ignoring" }
      ) { $0.multiplier = UInt8(truncatingIfNeeded: $1) },
      .flag("passive", "Say nothing until the neighbor has been heard.") { $0.isPassive = true },
      hopLimit("ttl", "TTL of what is sent, and reference for what is received."),
      hopLimit("hoplimit", "The same as ttl."),
      .signed(
        "max_hops", "N", -1...255, default: "0",
        "Hops that a packet may have made; -1 or 255 for any number.",
        invalid: { "\($0.subject) max_hops value \($1) not valid \(range("-1-255")), ignoring" }
      ) { $0.maxHops = $1 < 0 ? 255 : UInt8(truncatingIfNeeded: $1) },
      .boolean(
        "multihop", "The neighbor is several hops away (RFC 5883).",
        invalid: { "\($0.subject) multihop setting not valid - \($1)" }
      ) { $0.isMultihop = $1 },
      Row(
        "weight", "N [reverse]", range: "-253 to 253", default: "0",
        "Default weight of track_bfd; 0 is a fault."
      ) { _, _, _ in },
      .flag("vrrp", "Send events to the VRRP process; without this and checker, to both.") {
        $0.hasVRRP = true
      },
      .flag("checker", "Send events to the checker process.") { $0.hasChecker = true },
    ])

  private static var addressKeywords: [Keyword<BFDInstanceDraft>] {
    [
      neighbor("neighbor_ip", "Address of the neighbor."),
      neighbor("neighbour_ip", "The same as neighbor_ip."),
      Row("source_ip", "ADDRESS", default: "chosen by the kernel", "Address to send from.") {
        draft, line, reader throws(ReadingStop) in
        let word = try line.word(1).text
        draft.sourceIP = ReadingContext.address(word)
        if draft.sourceIP == nil {
          reader.context.report(
            .general, "\(draft.subject) has malformed source address \(word), ignoring", at: line,
            word: 1, expected: "an IPv4 or IPv6 address")
        }
      },
    ]
  }

  private static func neighbor(_ name: String, _ help: String) -> Keyword<BFDInstanceDraft> {
    Row(name, "ADDRESS", default: "mandatory", help) {
      draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard let address = ReadingContext.address(word) else {
        reader.context.report(
          .general,
          "\(draft.subject) has malformed neighbor address \(word), ignoring instance", at: line,
          word: 1, expected: "an IPv4 or IPv6 address")
        draft.isRefused = true
        try reader.leaveBlock()
        return
      }
      draft.neighborIP = address
    }
  }

  private static func hopLimit(_ name: String, _ help: String) -> Keyword<BFDInstanceDraft> {
    .unsigned(
      name, "N", 1...255, default: "255 over IPv4, 64 over IPv6", help,
      invalid: { "\($0.subject) ttl/hoplimit value \($1) not valid \(range("1-255")), ignoring" }
    ) { $0.ttl = UInt8(truncatingIfNeeded: $1) }
  }

  private static func range(_ range: String) -> String { "(must be in range [\(range)])" }

  /// Milliseconds beyond this are accepted with a remark.
  private static let largestSensible: UInt64 = 10_000
  private static let largest: UInt64 = 4_294_967

  /// Milliseconds with up to three decimals.
  private static func interval(
    _ name: String, _ least: UInt64, default standard: String, _ help: String,
    set: @escaping @Sendable (inout BFDInstanceDraft, Microseconds) -> Void
  ) -> Keyword<BFDInstanceDraft> {
    Row(
      name, "MILLISECONDS", range: "\(least) to \(largest), three decimals", default: standard, help
    ) { draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      let allowed = least * 1000...largest * 1000
      guard let value = try reader.context.decimal(line, 1, places: 3, in: allowed, .lenient) else {
        reader.context.report(
          .general,
          "\(draft.subject) \(name) value \(word) is not valid \(range("\(least)-\(largest)")),"
            + " ignoring", at: line, word: 1)
        return
      }
      if value > largestSensible * 1000 {
        reader.context.report(
          .note,
          "Configuration warning: BFD instance \(draft.name) \(name) value \(word) is larger than"
            + " max sensible (\(largestSensible))", at: line, word: 1)
      }
      set(&draft, Microseconds(Int64(clamping: value)))
    }
  }
}
