import ConfigurationSyntax
import Primitives

/// The lines of `authentication { }`.
extension Authentication {
  static let keywords = KeywordTable<InstanceDraft>(
    "authentication",
    [
      InstanceKeyword("auth_type", "PASS|AH", default: "none", "Kind of authentication.") {
        draft, line, reader throws(ReadingStop) in
        let word = try line.word(1).text
        switch word {
        case "PASS": draft.authType = .pass
        case "AH": draft.authType = .ah
        default:
          reader.context.report(
            .general, "\(draft.owner)unknown authentication type '\(word)'", at: line, word: 1,
            expected: "PASS or AH")
        }
      },
      InstanceKeyword("auth_pass", "WORD", range: "up to 8 characters", "Password.") {
        draft, line, reader throws(ReadingStop) in
        let bytes = Array(try line.word(1).text.utf8)
        if bytes.count > 8 {
          reader.context.report(
            .general, "Truncating auth_pass to 8 characters", at: line, word: 1)
        }
        draft.authPass = Array(bytes.prefix(8))
      },
    ])
}
