/// One thing that is wrong, or worth knowing, in a configuration.
package struct Diagnostic: Hashable, Sendable {
  /// The classes of the reference in ascending order; the highest one seen decides the exit status
  /// of `-t`.
  package enum Class: Int, Comparable, Sendable {
    /// Worth knowing: no change of the exit status. Shown by `-t`, with `hint: ` in front.
    case hint = -3
    /// A plain log line of the reference that `-t` shows as a hint.
    case remark = -2
    /// A plain log line of the reference; not shown by `-t`, no change of the exit status.
    case note = -1
    /// Shown by `-t`, and yet no change of the exit status.
    case message = 0
    case fileNotFound, badInterface, fatal, multipleFiles, unknownKeyword, unexpectedOpeningBrace
    case missingOpeningBrace, unexpectedClosingBrace, missingClosingBrace, unmatchedQuote
    case missingParameter, invalidNumber, general, warning, deprecated, security
    /// An included file that had to be there is not: the configuration is refused.
    case include

    package static func < (left: Class, right: Class) -> Bool { left.rawValue < right.rawValue }
  }

  package var `class`: Class
  /// Nil for what is found after the whole text has been read.
  package var location: SourceLocation?
  package var message: String
  /// What would have been right: the nearest keyword, the range, the syntax. Shown behind the
  /// message.
  package var expected: String?
  /// The line as it stands in the file, for the excerpt with a caret.
  package var excerpt: String?

  /// As `-t` shows it; nil for what it leaves out.
  package var inTest: Diagnostic? {
    switch `class` {
    case .note: return nil
    case .remark:
      var hint = self
      hint.class = .hint
      return hint
    case .hint, .message, .fileNotFound, .badInterface, .fatal, .multipleFiles, .unknownKeyword,
      .unexpectedOpeningBrace, .missingOpeningBrace, .unexpectedClosingBrace, .missingClosingBrace,
      .unmatchedQuote, .missingParameter, .invalidNumber, .general, .warning, .deprecated,
      .security, .include:
      return self
    }
  }

  package init(
    _ class: Class, _ message: String, at location: SourceLocation? = nil,
    expected: String? = nil, excerpt: String? = nil
  ) {
    self.class = `class`
    self.message = message
    self.location = location
    self.expected = expected
    self.excerpt = excerpt
  }
}
