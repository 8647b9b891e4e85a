/// One keyword of a block: what people are told of it, and what it does.
///
/// A row is the single source for the reader, the diagnostics, `-t`'s hints and the keyword
/// reference in the manual.
package struct Keyword<Tree>: Sendable {
  package typealias Handler =
    @Sendable (inout Tree, Statement, inout BlockReader) throws(ReadingStop) -> Void

  /// How far the program goes with it.
  package enum Effect: Hashable, Sendable {
    case effective
    /// Read and checked, but nothing happens yet; `-t` says so.
    case none
    /// Works, but this is how it is written now.
    case deprecated(use: String)
  }

  package var name: String
  /// The arguments as the manual writes them: `SECONDS`, `[BOOL]`, `USER [GROUP]`.
  package var arguments: String
  package var range: String
  package var standard: String
  package var help: String
  package var effect: Effect
  package var handler: Handler

  package init(
    _ name: String, _ arguments: String = "", range: String = "", default standard: String = "",
    effect: Effect = .effective, _ help: String, handler: @escaping Handler
  ) {
    self.name = name
    self.arguments = arguments
    self.range = range
    self.standard = standard
    self.effect = effect
    self.help = help
    self.handler = handler
  }
}

extension Keyword {
  /// How many words may stand behind it, as the arguments tell: each word of theirs in front of a
  /// block is one. Nil for any number, and where the line is cut by rules of its own.
  var countOfArguments: Int? {
    let line = arguments.prefix { $0 != "{" }
    if line.contains("…") { return nil }
    if ["CMD", "[CMD", "PATTERN"].contains(where: { line.hasPrefix($0) }) { return nil }
    let words = line.split(separator: " ")
    return words.split(separator: "|", omittingEmptySubsequences: false).map(\.count).max() ?? 0
  }
}

/// The root keywords that another process reads.
package struct ForeignKeywords<Tree>: Sendable {
  package let names: [String]
  /// Told of each one that is there, before its block is passed over: the parent starts a child
  /// only for a configuration that has something for it.
  package let found: @Sendable (inout Tree, Statement) -> Void

  package init(
    _ names: [String], found: @escaping @Sendable (inout Tree, Statement) -> Void = { _, _ in }
  ) {
    self.names = names
    self.found = found
  }
}

/// The keywords that are valid in one block.
package struct KeywordTable<Tree>: Sendable {
  /// What a name stands for.
  enum Entry: Sendable {
    case row(Int)
    case foreign
  }

  /// The block's name for people: `vrrp_instance`.
  package let block: String
  package let rows: [Keyword<Tree>]
  /// Only for the root: a foreign keyword that is a row as well is a row.
  package let foreign: ForeignKeywords<Tree>?
  /// Apart from `rows`, so that no whole row is copied for a line.
  let handlers: [Keyword<Tree>.Handler]
  /// How many words a statement may have; `Int.max` for any number.
  let wordLimits: [Int]
  /// Whether any row has something to say about itself.
  let hasHints: Bool
  private let index: [String: Entry]

  package init(
    _ block: String, _ rows: [Keyword<Tree>], foreign: ForeignKeywords<Tree>? = nil
  ) {
    self.block = block
    self.rows = rows
    self.foreign = foreign
    handlers = rows.map(\.handler)
    wordLimits = rows.map { $0.countOfArguments.map { $0 + 1 } ?? .max }
    hasHints = rows.contains { $0.effect != .effective }
    // The first row of a name wins, as in the reference.
    var index: [String: Entry] = [:]
    for (offset, row) in rows.enumerated() where index[row.name] == nil {
      index[row.name] = .row(offset)
    }
    for name in foreign?.names ?? [] where index[name] == nil { index[name] = .foreign }
    self.index = index
  }

  func entry(_ name: String) -> Entry? { index[name] }

  package subscript(name: String) -> Keyword<Tree>? {
    guard case .row(let offset) = index[name] else { return nil }
    return rows[offset]
  }

  /// All names that are valid, for "did you mean".
  var names: [String] { rows.map(\.name) + (foreign?.names ?? []) }
}
