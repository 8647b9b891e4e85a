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

/// The keywords that are valid in one block.
package struct KeywordTable<Tree>: Sendable {
  /// The block's name for people: `vrrp_instance`.
  package let block: String
  package let rows: [Keyword<Tree>]
  private let index: [String: Int]

  package init(_ block: String, _ rows: [Keyword<Tree>]) {
    self.block = block
    self.rows = rows
    // The first row of a name wins, as in the reference.
    index = Dictionary(
      rows.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  package subscript(name: String) -> Keyword<Tree>? {
    index[name].map { rows[$0] }
  }
}
