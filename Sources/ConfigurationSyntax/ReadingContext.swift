/// What all handlers share while one configuration is read.
package final class ReadingContext {
  /// Whether a number with trailing garbage is refused (`-t`) or read as far as it goes.
  package enum Strictness: Sendable { case test, run }

  package let strictness: Strictness
  package private(set) var diagnostics: [Diagnostic] = []

  package init(strictness: Strictness) { self.strictness = strictness }

  package func report(
    _ class: Diagnostic.Class, _ message: String, at statement: Statement? = nil,
    word: Int = 0, expected: String? = nil
  ) {
    diagnostics.append(Diagnostic(`class`, message, at: statement?.location, expected: expected))
  }
}

// MARK: - Values. Each reports what is wrong and returns nil.

extension ReadingContext {
  /// Whether the reference takes trailing garbage outside `-t` ("lenient") or never ("strict").
  package enum Leniency: Sendable { case lenient, strict }

  package func unsigned(
    _ statement: Statement, _ index: Int, in range: ClosedRange<UInt64>, _ leniency: Leniency
  ) throws(ReadingStop) -> UInt64? { nil }

  package func signed(
    _ statement: Statement, _ index: Int, in range: ClosedRange<Int64>, _ leniency: Leniency
  ) throws(ReadingStop) -> Int64? { nil }

  /// A decimal number in units of 10 to the power of minus `places`.
  package func decimal(
    _ statement: Statement, _ index: Int, places: Int, in range: ClosedRange<UInt64>,
    _ leniency: Leniency
  ) throws(ReadingStop) -> UInt64? { nil }

  /// `[BOOL]`: true without a word; nil for any other word, which the caller reports.
  package func boolean(_ statement: Statement, _ index: Int = 1) -> Bool? { nil }

  /// The command, its arguments, and the USER and GROUP words of a script keyword's line; nil after
  /// a report if the quoting is wrong.
  package func script(_ statement: Statement) throws(ReadingStop) -> ScriptLine? { nil }
}

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
