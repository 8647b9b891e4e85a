import ConfigurationSyntax

/// A SMTP_CHECK while it is read.
struct SMTPCheckDraft: CheckerDetails {
  var heloName: String?
  /// Those of the `host` blocks.
  var hosts: [ConnectionDraft] = []

  /// Without keywords of its own, the block stands for its `host` blocks only.
  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    let isOnlyHosts = !hosts.isEmpty && draft.connection == ConnectionDraft()
    let connections = (isOnlyHosts ? [] : [draft.connection]) + hosts
    return connections.compactMap { connection in
      connection.completed(draft.server, reader).map {
        .smtp($0, heloName: heloName ?? "smtpchecker.keepalived.org")
      }
    }
  }
}

/// A `host` of a SMTP_CHECK while it is read: but for the connection, it is about the checker.
struct SMTPHostDraft: ConnectionOwner {
  var checker: CheckerDraft<SMTPCheckDraft>
  var connection = ConnectionDraft()

  var server: RealServer { checker.server }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<SMTPCheckDraft>>

  /// The keywords of SMTP_CHECK.
  static let smtp = KeywordTable<CheckerDraft<SMTPCheckDraft>>(
    "SMTP_CHECK",
    Keyword.connection + common() + [
      Row("helo_name", "NAME", default: "smtpchecker.keepalived.org", "Name to greet with.") {
        draft, line, reader in
        guard line.words.count > 1 else {
          reader.context.report(.general, "SMTP_CHECK helo name missing", at: line)
          return
        }
        if draft.details.heloName != nil {
          reader.context.report(.general, "SMTP_CHECK helo name already specified", at: line)
        }
        draft.details.heloName = line.words[1].text
      },
      Row("host", "{ … }", default: "none", "Deprecated: another server to check.") {
        draft, line, reader throws(ReadingStop) in
        reader.context.report(
          .remark,
          "The SMTP_CHECK host block is deprecated. Please define additional checkers.", at: line)
        var host = SMTPHostDraft(checker: draft)
        try reader.readBlock(smtpHost, into: &host)
        draft = host.checker
        draft.details.hosts.append(host.connection)
      },
    ])

  /// The keywords of `host` in SMTP_CHECK.
  static let smtpHost = KeywordTable<SMTPHostDraft>(
    "host",
    Keyword.connection
      + (common() as [Row]).map { row in
        Keyword(
          row.name, row.arguments, range: row.range, default: row.standard, row.help
        ) { host, line, reader throws(ReadingStop) in
          try row.handler(&host.checker, line, &reader)
        }
      })
}
