import ConfigurationSyntax

/// A DNS_CHECK while it is read.
struct DNSCheckDraft: CheckerDetails {
  var type = DNSQuestion.RecordType.soa
  var name: String?

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    guard let connection = draft.connection.completed(draft.server, reader) else { return [] }
    var question = DNSQuestion()
    question.type = type
    question.name = name ?? ""
    return [.dns(connection, question)]
  }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<DNSCheckDraft>>

  private static let recordTypes = DNSQuestion.RecordType.allCases.map { "\($0)".uppercased() }

  /// The keywords of DNS_CHECK.
  static let dns = KeywordTable<CheckerDraft<DNSCheckDraft>>(
    "DNS_CHECK",
    Keyword.connection + common() + [
      Row(
        "type", "TYPE", range: recordTypes.joined(separator: ", "), default: "SOA",
        "Records to ask for."
      ) { draft, line, reader throws(ReadingStop) in
        let word = try line.word(1).text
        let type = DNSQuestion.RecordType.allCases.first { "\($0)" == word.lowercased() }
        guard let type else {
          reader.context.report(
            .general, "Unknown DNS check type \(word) - ignoring", at: line, word: 1,
            expected: "one of \(recordTypes.joined(separator: ", "))")
          return
        }
        draft.details.type = type
      },
      Row(
        "name", "NAME", range: "labels of up to 63 octets, 255 in all", default: "the root",
        "Name to ask for."
      ) {
        draft, line, reader throws(ReadingStop) in
        var word = try line.word(1).text
        guard draft.details.name == nil else {
          reader.context.report(.general, "DNS_CHECK name already specified - ignoring", at: line)
          return
        }
        guard !hasEmptyLabel(word) else {
          reader.context.report(
            .general, "DNS_CHECK name '\(word)' has empty label - ignoring", at: line, word: 1)
          return
        }
        if word.hasSuffix(".") { word.removeLast() }
        if let excess = excess(of: word) {
          reader.context.report(
            .general, "DNS_CHECK name '\(word)' \(excess.what) - ignoring", at: line, word: 1,
            expected: excess.limit)
          return
        }
        draft.details.name = word
      },
    ])

  /// What of a name is longer than it can be sent (RFC 1035 2.3.4); nil for nothing.
  private static func excess(of name: String) -> (what: String, limit: String)? {
    let labels = name.utf8.split(separator: UInt8(ascii: "."))
    if let label = labels.first(where: { $0.count > longestLabel }) {
      return ("has a label of \(label.count) octets", "labels of up to \(longestLabel) octets")
    }
    // Each label has its length in front, and the root is behind all.
    let length = labels.reduce(1) { $0 + 1 + $1.count }
    if length <= longestName { return nil }
    return ("takes up \(length) octets", "up to \(longestName) octets, a length before each label")
  }

  private static let longestLabel = 63
  private static let longestName = 255

  /// Compatibility: a first label of one character is refused too.
  private static func hasEmptyLabel(_ name: String) -> Bool {
    if name == "." { return false }
    let bytes = Array(name.utf8)
    let dot = UInt8(ascii: ".")
    return bytes.first == dot || bytes.dropFirst().first == dot
      || zip(bytes, bytes.dropFirst()).contains { $0 == dot && $1 == dot }
  }
}
