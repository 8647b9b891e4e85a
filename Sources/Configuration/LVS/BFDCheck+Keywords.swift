import ConfigurationSyntax

/// A BFD_CHECK while it is read.
struct BFDCheckDraft: CheckerDetails {
  var name: String?
  /// It has been said what is wrong with its name.
  var isRefused = false

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    if isRefused { return [] }
    guard let name else {
      reader.context.report(
        .general, "(\(draft.serverName)) No name has been specified for BFD_CHECKER - skipping",
        at: reader.location, expected: "name BFD_INSTANCE")
      return []
    }
    return [.bfd(name: name)]
  }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<BFDCheckDraft>>

  /// The keywords of BFD_CHECK.
  static let bfd = KeywordTable<CheckerDraft<BFDCheckDraft>>(
    "BFD_CHECK",
    [
      Row("name", "BFD_INSTANCE", default: "mandatory", "A session that is defined above.") {
        draft, line, reader in
        // It is gone, so nothing is looked at any more.
        if draft.details.isRefused { return }
        guard let fault = fault(of: line, draft) else {
          draft.details.name = line.words[1].text
          return
        }
        reader.context.report(
          .general, "(\(draft.serverName)) BFD_CHECK - \(fault)", at: line, word: 1)
        draft.details.isRefused = true
      },
      alpha(),
    ])

  /// What is wrong with a name; nil for nothing.
  private static func fault(of line: Statement, _ draft: CheckerDraft<BFDCheckDraft>) -> String? {
    guard line.words.count == 2 else {
      return "No or too many names specified - skipping checker"
    }
    let name = line.words[1].text
    guard draft.reading.checkerBFDNames.contains(name) else {
      return "BFD \(name) not configured"
    }
    if let other = draft.details.name { return "BFD \(name) already specified as \(other)" }
    let isTaken = draft.others.contains { entry in
      if case .bfd(name) = entry.kind { true } else { false }
    }
    return isTaken ? "RS already monitoring \(name)" : nil
  }
}
