/// The parts of a script keyword's line.
package struct ScriptLine: Hashable, Sendable {
  /// The program and its arguments.
  package var arguments: [String]
  /// The words behind it: USER [GROUP].
  package var account: [Word]

  package init(arguments: [String], account: [Word]) {
    self.arguments = arguments
    self.account = account
  }
}

extension ReadingContext {
  /// As `script`, for a keyword that takes the command alone.
  package func command(_ statement: Statement) throws(ReadingStop) -> [String]? {
    let line = try script(statement)
    if let word = line?.account.first {
      report(
        .hint, "'\(word.text)' behind the command has no effect", at: statement,
        expected: "quotes around the command and its arguments")
    }
    return line?.arguments
  }

  /// The command, its arguments, and the USER and GROUP words of a script keyword's line; nil after
  /// a report if the quoting is wrong.
  package func script(_ statement: Statement) throws(ReadingStop) -> ScriptLine? {
    guard let words = quotedWords(of: statement.text, escapes: .kept, statement) else {
      return nil
    }
    // Told by the words of the first reading, so that a missing command ends it as elsewhere.
    guard words.count > 1 else { throw .missingParameter(statement, index: 1) }
    guard let arguments = quotedWords(of: words[1].bytes, escapes: .interpreted, statement) else {
      return nil
    }
    let column = statement.location.column
    return ScriptLine(
      arguments: arguments.map(\.bytes.text),
      account: words.dropFirst(2).map {
        Word($0.bytes.text, column: column == 0 ? 0 : column + $0.offset)
      })
  }

  /// The words of the whole line with escapes interpreted, the keyword included; nil after a
  /// report. They may hold any bytes.
  package func escapedWords(_ statement: Statement) -> [[UInt8]]? {
    quotedWords(of: statement.text, escapes: .interpreted, statement)?.map(\.bytes)
  }

  private func quotedWords(
    of text: [UInt8], escapes: QuotedWords.Escapes, _ statement: Statement
  ) -> [QuotedWords.Item]? {
    do {
      return try QuotedWords.split(text, escapes: escapes)
    } catch {
      switch error {
      case .missingQuote(let quote):
        report(
          .unmatchedQuote,
          "String '\(text.text)': missing terminating \([quote].text)", at: statement)
        report(.note, "Unable to parse notify script", at: statement)
      case .missingEscapedCharacter:
        report(.note, "Missing escape char at end: '\(text.text)'", at: statement)
      }
      return nil
    }
  }
}
