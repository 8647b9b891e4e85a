import ConfigurationSyntax
import Primitives

/// A MISC_CHECK while it is read.
struct MiscCheckDraft: CheckerDetails {
  var arguments: [String]?
  var account: ScriptAccount?
  /// 0: delay_loop of the virtual server.
  var timeout = Microseconds.zero
  var isDynamic = false
  /// `user` names somebody who does not exist.
  var isRefused = false

  var command: String { arguments?.joined(separator: " ") ?? "" }

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    if isRefused { return [.misc(makeCheck(arguments ?? [], nil))] }
    guard let arguments, !arguments.isEmpty else {
      reader.context.report(
        .general, "No script path has been specified for MISC_CHECKER - skipping",
        at: reader.location, expected: "misc_path CMD")
      return []
    }
    guard let account = account ?? draft.reading.standardAccount(at: reader.location) else {
      reader.context.report(
        .general, "Unable to set default user for misc script \(command) - removing",
        at: reader.location)
      return [.misc(makeCheck(arguments, nil))]
    }
    return [.misc(makeCheck(arguments, account))]
  }

  /// Nobody to run it as: it cannot run.
  private func makeCheck(_ arguments: [String], _ account: ScriptAccount?) -> MiscCheck {
    var check = MiscCheck(
      command: arguments, script: account.map { Script(arguments: arguments, account: $0) },
      timeout: timeout)
    check.isDynamic = isDynamic
    return check
  }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<MiscCheckDraft>>

  /// The keywords of MISC_CHECK.
  static let misc = KeywordTable<CheckerDraft<MiscCheckDraft>>(
    "MISC_CHECK",
    common() + [
      Row("misc_path", "CMD", default: "mandatory", "The command.") {
        draft, line, reader throws(ReadingStop) in
        // Without a command the end of the block tells.
        guard line.words.count > 1 else { return }
        draft.details.arguments = try reader.context.command(line)
      },
      .seconds(
        "misc_timeout", 0...4294, default: "0, delay_loop of the virtual server",
        "Time limit of a run.", invalid: { "Invalid misc_timeout value '\($1)'" }
      ) { $0.details.timeout = $1 },
      .flag("misc_dynamic", "Exit status 2 to 255 gives a weight, 2 less.") {
        $0.details.isDynamic = true
      },
      Row("user", "USER [[:]GROUP]", default: "script_user", "Who it runs as.") {
        draft, line, reader throws(ReadingStop) in
        guard line.words.count > 1 else {
          reader.context.report(
            .general, "No user specified for misc checker script '\(draft.details.command)'",
            at: line, expected: "USER [[:]GROUP]")
          return
        }
        draft.details.account = draft.reading.account(line.arguments, at: line)
        guard draft.details.account == nil else { return }
        draft.details.isRefused = true
        reader.context.report(
          .general,
          "Failed to set uid/gid for misc checker script '\(draft.details.command)' - removing",
          at: line, word: 1, expected: "an existing user and group")
        let context = reader.context
        try reader.leaveBlock { line in
          // What is passed over may say that the server must not be served without its check.
          if line.keyword == "alpha" { draft.settings.isAlpha = context.boolean(line) ?? true }
        }
      },
    ])
}
