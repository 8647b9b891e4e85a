import ConfigurationSyntax
import Primitives

// MARK: - Rows of common shapes

extension Keyword {
  /// What a row says about a word that it refuses; the tree tells whose keyword it is.
  typealias Complaint = @Sendable (_ tree: Tree, _ word: String) -> String

  /// A keyword without arguments. Whatever follows it is ignored.
  static func flag(
    _ name: String, effect: Effect = .effective, _ help: String,
    set: @escaping @Sendable (inout Tree) -> Void
  ) -> Keyword {
    Keyword(name, default: "off", effect: effect, help) {
      tree, _, _ throws(ReadingStop) in set(&tree)
    }
  }

  /// `[BOOL]`: true without a word.
  static func boolean(
    _ name: String, default standard: String = "false", effect: Effect = .effective,
    _ help: String, invalid: @escaping Complaint,
    set: @escaping @Sendable (inout Tree, Bool) -> Void
  ) -> Keyword {
    Keyword(
      name, "[BOOL]", range: booleanWords, default: standard, effect: effect, help
    ) { tree, line, reader throws(ReadingStop) in
      if let value = reader.context.boolean(line) {
        set(&tree, value)
      } else {
        let word = try line.word(1).text
        reader.context.report(
          .general, invalid(tree, word), at: line, word: 1, expected: "one of \(booleanWords)")
      }
    }
  }

  /// A whole number that is not negative.
  static func unsigned(
    _ name: String, _ arguments: String, _ range: ClosedRange<UInt64>,
    _ leniency: ReadingContext.Leniency = .lenient, default standard: String,
    effect: Effect = .effective, _ help: String, invalid: @escaping Complaint,
    otherwise: (@Sendable (inout Tree) -> Void)? = nil,
    set: @escaping @Sendable (inout Tree, UInt64) -> Void
  ) -> Keyword {
    Keyword(
      name, arguments, range: "\(range.lowerBound) to \(range.upperBound)", default: standard,
      effect: effect, help
    ) { tree, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if let value = try reader.context.unsigned(line, 1, in: range, leniency) {
        set(&tree, value)
      } else {
        reader.context.complain(
          invalid(tree, word), at: line,
          expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        otherwise?(&tree)
      }
    }
  }

  /// A whole number with a sign.
  static func signed(
    _ name: String, _ arguments: String, _ range: ClosedRange<Int64>,
    _ leniency: ReadingContext.Leniency = .lenient, default standard: String,
    effect: Effect = .effective, _ help: String, invalid: @escaping Complaint,
    set: @escaping @Sendable (inout Tree, Int64) -> Void
  ) -> Keyword {
    Keyword(
      name, arguments, range: "\(range.lowerBound) to \(range.upperBound)", default: standard,
      effect: effect, help
    ) { tree, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if let value = try reader.context.signed(line, 1, in: range, leniency) {
        set(&tree, value)
      } else {
        reader.context.complain(
          invalid(tree, word), at: line,
          expected: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
  }

  /// Seconds with up to six decimals.
  static func time(
    _ name: String, _ range: ClosedRange<Microseconds>, default standard: String,
    effect: Effect = .effective, _ help: String, invalid: @escaping Complaint,
    otherwise: (@Sendable (inout Tree) -> Void)? = nil,
    set: @escaping @Sendable (inout Tree, Microseconds) -> Void
  ) -> Keyword {
    Keyword(
      name, "SECONDS", range: range.seconds, default: standard, effect: effect, help
    ) { tree, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if let value = try reader.context.time(line, 1, in: range) {
        set(&tree, value)
      } else {
        reader.context.complain(
          invalid(tree, word), at: line, expected: "seconds from \(range.seconds)")
        otherwise?(&tree)
      }
    }
  }

  /// Whole seconds.
  static func seconds(
    _ name: String, _ range: ClosedRange<UInt64>, default standard: String,
    effect: Effect = .effective, _ help: String, invalid: @escaping Complaint,
    otherwise: (@Sendable (inout Tree) -> Void)? = nil,
    set: @escaping @Sendable (inout Tree, Microseconds) -> Void
  ) -> Keyword {
    unsigned(
      name, "SECONDS", range, default: standard, effect: effect, help, invalid: invalid,
      otherwise: otherwise
    ) { set(&$0, .seconds(Int64(clamping: $1))) }
  }

  /// A word that must be there: without it nothing is read any further.
  static func word(
    _ name: String, _ arguments: String, default standard: String = "",
    effect: Effect = .effective, _ help: String,
    set: @escaping @Sendable (inout Tree, String) -> Void
  ) -> Keyword {
    Keyword(name, arguments, default: standard, effect: effect, help) {
      tree, line, _ throws(ReadingStop) in set(&tree, try line.word(1).text)
    }
  }

  /// The old spelling of another row: works like it and says so.
  static func renamed(
    _ name: String, to row: Keyword, class: Diagnostic.Class = .deprecated,
    message: String? = nil
  ) -> Keyword {
    Keyword(
      name, row.arguments, range: row.range, default: row.standard, effect: row.effect,
      "Deprecated spelling of `\(row.name)`."
    ) { tree, line, reader throws(ReadingStop) in
      reader.context.report(
        `class`,
        message ?? "Keyword \"\(name)\" is deprecated - please use \"\(row.name)\"", at: line)
      try row.handler(&tree, line, &reader)
    }
  }
}

let booleanWords = "true, on, yes, false, off, no"

extension ReadingContext {
  /// The keyword's own message about a number, behind that of the reader of numbers, which may have
  /// said what is allowed.
  fileprivate func complain(_ message: String, at line: Statement, expected: String) {
    let isSaid = diagnostics.last?.expected != nil && diagnostics.last?.location == line.location
    report(.general, message, at: line, word: 1, expected: isSaid ? nil : expected)
  }

  /// Seconds with up to six decimals.
  func time(_ statement: Statement, _ index: Int, in range: ClosedRange<Microseconds>)
    throws(ReadingStop) -> Microseconds?
  {
    // Without an upper bound: what keepalived has as largest, though it is beyond `Microseconds`.
    let largest =
      range.upperBound == .max ? UInt64.max - 1 : UInt64(clamping: range.upperBound.count)
    let bounds = UInt64(clamping: range.lowerBound.count)...largest
    return try decimal(statement, index, places: 6, in: bounds, .lenient)
      .map { Microseconds(Int64(clamping: $0)) }
  }
}

extension ClosedRange<Microseconds> {
  /// The bounds in seconds, for people: `0.001 to 30`.
  var seconds: String {
    upperBound == .max
      ? "\(lowerBound.shortSecondsText) or more"
      : "\(lowerBound.shortSecondsText) to \(upperBound.shortSecondsText)"
  }
}

extension Statement {
  /// The same line with another text for a word: for a number that is a part of a word.
  func replacing(_ index: Int, with text: String) -> Statement {
    var copy = self
    if index < copy.words.count { copy.words[index].text = text }
    return copy
  }
}
