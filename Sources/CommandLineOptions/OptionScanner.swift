// This target reads the words of a command line by the rules of GNU getopt_long, for the daemon and
// for genhash. Each has a table of its options, says what they do, and words its own complaints.

/// How an option is written: a row of a table.
package protocol CommandLineOption {
  var short: Character? { get }
  var long: String { get }
  var argumentRule: ArgumentRule { get }
}

/// Whether an option has an argument.
package enum ArgumentRule: Hashable, Sendable {
  case none
  /// Attached, or else the next word.
  case required
  /// Attached or not at all.
  case optional
}

/// Goes over the words behind the name of a program.
///
/// Long options may be abbreviated as long as one alone begins so, and their arguments are attached
/// by `=`. A word may hold several short options; the first one with an argument takes the rest of
/// it. Words that are no option may stand anywhere; behind `--` are only such.
package struct OptionScanner<Option: CommandLineOption> {
  package enum Event {
    /// `name`: as the option is written, `-f` or `--use-file`, never abbreviated.
    case option(Option, name: String, value: String?)
    case word(String)
    /// As it was written, with its dashes; without the `=` and what is behind it unless that is
    /// what is wrong.
    case unknown(String)
    /// An option, as in `option`, whose argument is missing.
    case missingValue(String)
  }

  private let table: [Option]
  /// The words that have not been looked at.
  package private(set) var rest: ArraySlice<String>
  /// Short options of a word that was begun.
  private var letters: Substring = ""
  private var hasOptionsEnded = false

  package init(_ words: [String], _ table: [Option]) {
    self.table = table
    rest = words[...]
  }

  /// Nil at the end.
  package mutating func next() -> Event? {
    if let letter = letters.popFirst() { return short(letter) }
    guard let word = rest.popFirst() else { return nil }
    if hasOptionsEnded || !word.hasPrefix("-") || word == "-" { return .word(word) }
    if word == "--" {
      hasOptionsEnded = true
      return next()
    }
    if word.hasPrefix("--") { return long(word.dropFirst(2)) }
    letters = word.dropFirst()
    return next()
  }

  /// Goes on with the next word.
  package mutating func skipWord() { letters = "" }

  private mutating func short(_ letter: Character) -> Event {
    let name = "-\(letter)"
    guard let option = table.first(where: { $0.short == letter }) else { return .unknown(name) }
    if option.argumentRule == .none { return .option(option, name: name, value: nil) }
    let attached = letters.isEmpty ? nil : String(letters)
    letters = ""
    return event(option, name, attached)
  }

  private mutating func long(_ text: Substring) -> Event {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let begin = parts[0]
    let exact = table.filter { $0.long == begin }
    let candidates = exact.isEmpty ? table.filter { $0.long.hasPrefix(begin) } : exact
    guard candidates.count == 1, let option = candidates.first, !begin.isEmpty else {
      return .unknown("--\(begin)")
    }
    let attached = parts.count > 1 ? String(parts[1]) : nil
    if attached != nil && option.argumentRule == .none { return .unknown("--\(text)") }
    return event(option, "--\(option.long)", attached)
  }

  private mutating func event(_ option: Option, _ name: String, _ attached: String?) -> Event {
    switch option.argumentRule {
    case .none, .optional: return .option(option, name: name, value: attached)
    case .required:
      guard let value = attached ?? rest.popFirst() else { return .missingValue(name) }
      return .option(option, name: name, value: value)
    }
  }
}
