/// The keyword reference as a page for man(1), section 5.
extension Configuration {
  package static var manualPage: String {
    var text = """
      .\\" Written from the keyword tables: UPDATE_EXPECTED=1 swift test --filter ManualTests
      .TH KEEPALIVED.CONF 5 "" "keepalived" "File formats"
      .SH NAME
      keepalived.conf \\- configuration of keepalived
      .SH DESCRIPTION
      Blocks are written as a keyword, a name where one is asked for, and lines between braces. A
      comment begins with ! or #. Words with blanks stand in double quotes. What each keyword takes
      is said below; one that is marked "no effect yet" is read and checked only.
      .PP
      .B keepalived \\-t
      checks a file and says what is wrong, where, and what was expected.

      """
    var block: String?
    for keyword in keywordReference {
      if keyword.block != block {
        block = keyword.block
        text += ".SH \(keyword.block.isEmpty ? "OUTSIDE OF ALL BLOCKS" : escaped(keyword.block))\n"
      }
      text += entry(keyword)
    }
    return text
  }

  private static func entry(_ keyword: KeywordDescription) -> String {
    var text = ".TP\n.B \(escaped(keyword.name))"
    text += keyword.arguments.isEmpty ? "\n" : " \\fR\(escaped(keyword.arguments))\n"
    var sentences = [keyword.help]
    if !keyword.range.isEmpty { sentences.append("Values: \(keyword.range).") }
    if !keyword.standard.isEmpty { sentences.append("Default: \(keyword.standard).") }
    if keyword.isWithoutEffect { sentences.append("No effect yet.") }
    return text + escaped(sentences.joined(separator: " ")) + "\n"
  }

  /// Nothing in a text is a request to the formatter.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "." where result.isEmpty, "'" where result.isEmpty: result += "\\&\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
