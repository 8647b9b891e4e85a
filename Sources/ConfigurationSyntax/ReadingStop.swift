/// Why reading ended before the end of the text. The configuration must not be used.
package enum ReadingStop: Error {
  /// A handler needed the word at `index` of the statement.
  case missingParameter(Statement, index: Int)
  /// The text goes beyond one of `ReadingLimits`.
  case limitExceeded(Diagnostic)

  package var diagnostic: Diagnostic {
    switch self {
    case .limitExceeded(let diagnostic): return diagnostic
    case .missingParameter(let statement, let index):
      var message = "*** Configuration line starting `\(statement.keyword)` is missing a parameter"
      if index > 0, index <= statement.words.count {
        message += " after keyword `\(statement.words[index - 1].text)`"
      }
      message += " at word position \(index + 1)"
      return Diagnostic(.missingParameter, message, at: statement.location)
    }
  }
}
