import ConfigurationSyntax

/// A TCP_CHECK while it is read.
struct TCPCheckDraft: CheckerDetails {
  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    draft.connection.completed(draft.server, reader).map { [.tcp($0)] } ?? []
  }
}

extension CheckerKeywords {
  /// The keywords of TCP_CHECK.
  static let tcp = KeywordTable<CheckerDraft<TCPCheckDraft>>(
    "TCP_CHECK", Keyword.connection + common())
}
