import ConfigurationSyntax

/// A UDP_CHECK while it is read.
struct UDPCheckDraft: CheckerDetails {
  var payload: [UInt8]?
  var reply = UDPCheck.Reply.any
  var minLength: UInt16 = 0
  var maxLength: UInt16 = 255

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    if minLength > maxLength {
      reader.context.report(
        .general,
        "UDP_CHECK min_reply length \(minLength) > max_reply_length \(maxLength) - will always"
          + " fail",
        at: reader.location)
    }
    guard let connection = draft.connection.completed(draft.server, reader) else { return [] }
    var check = UDPCheck(connection: connection, payload: payload ?? Self.standardPayload)
    check.reply = reply
    if case .matching(var template) = reply {
      template.minLength = minLength
      template.maxLength = maxLength
      check.reply = .matching(template)
    }
    return [.udp(check)]
  }

  private static let standardPayload = Array("keepalived check - keepalived ch".utf8)
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<UDPCheckDraft>>

  /// The keywords of UDP_CHECK.
  static let udp = KeywordTable<CheckerDraft<UDPCheckDraft>>(
    "UDP_CHECK",
    Keyword.connection + common() + [
      Row("payload", "HEX …", default: "the text keepalived check", "What is sent.") {
        draft, line, reader in
        guard line.words.count > 1 else {
          reader.context.report(.general, "UDP_CHECK payload requires a payload", at: line)
          return
        }
        if let text = hexString(line, allowMask: false, "payload", reader.context) {
          draft.details.payload = text.octets
        }
      },
      Row(
        "require_reply", "[HEX …]", range: "x for any digit", default: "off",
        "There must be an answer, and it must begin with HEX."
      ) { draft, line, reader in
        guard line.words.count > 1 else {
          draft.details.reply = .required
          return
        }
        if let text = hexString(line, allowMask: true, "reply", reader.context) {
          draft.details.reply = .matching(.init(octets: text.octets, mask: text.mask))
        }
      },
      length("min", "0", "Octets that an answer to match must have.") {
        $0.details.minLength = $1
      },
      length("max", "255", "Octets that an answer to match may have.") {
        $0.details.maxLength = $1
      },
    ])

  /// All words as one; nil after a report.
  private static func hexString(
    _ line: Statement, allowMask: Bool, _ what: String, _ context: ReadingContext
  ) -> HexString? {
    let text = line.arguments.map(\.text).joined(separator: " ")
    let value = HexString(text.utf8, allowMask: allowMask)
    if value == nil {
      context.report(
        .general, "Invalid hex string for UDP_CHECK \(what)", at: line, word: 1,
        expected: allowMask ? "hex digits, x for any" : "hex digits")
    }
    return value
  }

  private static func length(
    _ end: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout CheckerDraft<UDPCheckDraft>, UInt16) -> Void
  ) -> Row {
    .unsigned(
      "\(end)_reply_length", "OCTETS", 0...65535, .strict, default: standard, help,
      invalid: { "UDP_CHECK \(end) length \($1) not valid - must be between 0 & 65535" }
    ) { set(&$0, UInt16(truncatingIfNeeded: $1)) }
  }
}
