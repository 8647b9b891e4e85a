/// Reads logical lines and hands each to its keyword: the recursive descent.
///
/// A handler of a block keyword calls `readBlock` for a block with keywords of its own, or
/// `readValues` for a list of lines.
package struct BlockReader {
  /// Where diagnostics go, which mode numbers are read in, what has been defined.
  package let context: ReadingContext
  private let lines: LineReader
  private var depth = 0
  /// A handler has passed over the rest of the block that it stands in.
  private var hasLeftBlock = false

  /// Reads nothing: for handlers that are tried on their own.
  package init(context: ReadingContext) {
    self.context = context
    lines = LineReader(
      context: context, sources: SourceSet(files: MemoryFiles(), configID: []), view: .parent)
  }

  init(lines: LineReader) {
    context = lines.context
    self.lines = lines
  }

  /// The process that this is read for.
  package var view: ReadingView { lines.view }
  /// Where reading is: behind a block this is the line of its closing brace.
  package var location: SourceLocation { lines.location() }

  // MARK: - Blocks

  /// Reads everything, with the root keywords of `table`.
  package mutating func readRoot<Tree>(_ table: KeywordTable<Tree>, into tree: inout Tree)
    throws(ReadingStop)
  {
    while try lines.advance() {
      let statement = lines.statement()
      if !statement.words.isEmpty { try read(statement, table, into: &tree, isRoot: true) }
    }
    if lines.input.openBraces > 0 {
      context.report(
        .missingClosingBrace, "There are \(lines.input.openBraces) missing '}'s or extra '{'s")
    }
  }

  /// Reads `{ … }` with the keywords of `table` into `tree`.
  package mutating func readBlock<Tree>(_ table: KeywordTable<Tree>, into tree: inout Tree)
    throws(ReadingStop)
  {
    if depth >= context.limits.blockDepth {
      throw lines.limit("blocks within blocks", context.limits.blockDepth)
    }
    depth += 1
    defer { depth -= 1 }
    guard try lines.advance() else { return }
    if lines.input.brace != .opening {
      context.report(
        .missingOpeningBrace, "Missing '{' at beginning of configuration block",
        at: lines.location())
      lines.pushBack()
    }
    while try lines.advance() {
      let statement = lines.statement()
      guard let keyword = statement.words.first else { continue }
      if keyword.text == "}" { return }
      try read(statement, table, into: &tree, isRoot: false)
      if hasLeftBlock {
        hasLeftBlock = false
        return
      }
    }
  }

  private mutating func read<Tree>(
    _ statement: Statement, _ table: KeywordTable<Tree>, into tree: inout Tree, isRoot: Bool
  ) throws(ReadingStop) {
    switch table.entry(statement.keyword) {
    case .row(let offset):
      if table.hasHints { context.hint(table.rows[offset], at: statement) }
      try table.handlers[offset](&tree, statement, &self)
    case .foreign:
      table.foreign?.found(&tree, statement)
      try skipBlock()
    case nil:
      if statement.keyword == "{" {
        context.report(.unexpectedOpeningBrace, "Unexpected '{' - ignoring", at: statement)
      } else {
        context.report(
          .unknownKeyword, "Unknown keyword '\(statement.keyword)'", at: statement.location,
          expected: statement.keyword == "}" || !context.hasRoomForSuggestions
            ? nil : NearestWord.suggestion(for: statement.keyword, among: table.names))
      }
    }
  }

  // MARK: - Lists

  /// Reads `{ … }` as a list: `entry` is called for each line.
  package mutating func readValues(
    of statement: Statement,
    entry: (Statement, inout BlockReader) throws(ReadingStop) -> Void
  ) throws(ReadingStop) {
    if statement.words.count > 1 {
      context.report(
        .general,
        "Block \(statement.keyword) has extra parameters \(statement.words[1].text) ...",
        at: statement, word: 1)
    }
    guard try lines.advance() else { return }
    if lines.input.brace != .opening {
      context.report(
        .note, "'{' missing from beginning of block \(statement.keyword)", at: lines.location())
      lines.pushBack()
    }
    while try lines.advance() {
      let line = lines.statement()
      guard let first = line.words.first else { continue }
      if first.text == "}" { return }
      try entry(line, &self)
    }
  }

  // MARK: - Passing over

  /// Passes over `{ … }` without reading it: its keyword was refused. Without a brace on the next
  /// line nothing is passed over.
  package mutating func skipBlock() throws(ReadingStop) {
    guard try lines.advance() else { return }
    guard lines.input.brace == .opening else {
      lines.pushBack()
      return
    }
    try skipRestOfBlock()
  }

  /// For a handler that refuses the block it stands in: nothing more of it is read.
  package mutating func leaveBlock() throws(ReadingStop) {
    try skipRestOfBlock()
    hasLeftBlock = true
  }

  /// The same; `seen` is shown what is passed over.
  package mutating func leaveBlock(_ seen: (Statement) -> Void) throws(ReadingStop) {
    let lines = lines
    try lines.skipRestOfBlock { seen(lines.statement()) }
    hasLeftBlock = true
  }

  /// Passes over everything up to the end of the block that is open, its brace included.
  package mutating func skipRestOfBlock() throws(ReadingStop) {
    try lines.skipRestOfBlock()
  }
}
