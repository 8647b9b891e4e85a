import ConfigurationSyntax
import Primitives

/// A block of a checker while it is read. `Details` has what is peculiar to its kind.
struct CheckerDraft<Details: CheckerDetails>: CheckSettingsOwner, ConnectionOwner {
  static var subject: String { "" }

  let reading: Reading
  /// The server as written.
  let server: RealServer
  /// What messages call it.
  let serverName: String
  /// Those of the same server above it.
  var others: [CheckerEntry]
  var settings = CheckSettings()
  var logsAllFailures = false
  var connection = ConnectionDraft()
  var details: Details
}

/// What is peculiar to one kind of checker while it is read.
protocol CheckerDetails: Sendable {
  /// The checks that the block stands for, none if it cannot be used; reports at the end of the
  /// block why not.
  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind]
}

/// A checker that has been read, and what it says itself; the rest it inherits.
struct CheckerEntry {
  var kind: Checker.Kind
  var settings = CheckSettings()
  var logsAllFailures = false
}

extension Keyword<RealServerDraft> {
  /// A block of a checker.
  static func checker<Details: CheckerDetails>(
    _ traits: CheckerTraits, _ details: Details, _ table: KeywordTable<CheckerDraft<Details>>,
    _ help: String
  ) -> Keyword {
    Keyword(traits.name, "{ … }", default: "none", help) {
      server, line, reader throws(ReadingStop) in
      var draft = CheckerDraft(
        reading: server.reading, server: server.server, serverName: server.name,
        others: server.checkers, details: details)
      try reader.readBlock(table, into: &draft)
      let kinds = draft.details.kinds(draft, reader)
      // Else each addition would copy them all.
      draft.others = []
      if kinds.isEmpty { server.leftOut.append(traits.name) }
      for kind in kinds {
        server.checkers.append(
          CheckerEntry(
            kind: kind, settings: draft.settings, logsAllFailures: draft.logsAllFailures))
      }
    }
  }
}

/// What the tables of the checkers share; each kind has its own in a file of its own.
enum CheckerKeywords {
  /// What the checkers have that run at intervals.
  static func common<Details>() -> [Keyword<CheckerDraft<Details>>] {
    Keyword.checkSettings(from: "real server", retry: retry()) + [
      alpha(),
      .boolean(
        "log_all_failures", default: "checker_log_all_failures", "Log each failure while it is up.",
        invalid: { "Invalid log_all_failures parameter \($1)" }
      ) { $0.logsAllFailures = $1 },
    ]
  }

  static func retry<Details>() -> Keyword<CheckerDraft<Details>> {
    .unsigned(
      "retry", "N", 0...UInt64(UInt32.max), default: "that of the real server",
      "Failures in a row that are forgiven.",
      invalid: { "Invalid retry connection value '\($1)'" }
    ) { $0.settings.retry = UInt32(truncatingIfNeeded: $1) }
  }

  static func alpha<Details>() -> Keyword<CheckerDraft<Details>> {
    .boolean(
      "alpha", default: "alpha of the real server", "Counts as failed until it has succeeded.",
      invalid: { "Invalid alpha parameter \($1)" }
    ) { $0.settings.isAlpha = $1 }
  }
}
