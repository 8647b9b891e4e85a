import ConfigurationSyntax

/// A PING_CHECK while it is read.
struct PingCheckDraft: CheckerDetails {
  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    draft.connection.completed(draft.server, reader).map { [.ping($0)] } ?? []
  }
}

extension CheckerKeywords {
  /// The keywords of PING_CHECK.
  static let ping = KeywordTable<CheckerDraft<PingCheckDraft>>(
    "PING_CHECK", Keyword.connection + common())
}
