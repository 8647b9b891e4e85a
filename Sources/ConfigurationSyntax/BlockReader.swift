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
  /// Where reading is: behind a block this is the line of its closing brace. Nil at the end of the
  /// text: a block that is still open ends nowhere.
  package var location: SourceLocation? { lines.hasEnded ? nil : lines.location() }

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
    if !lines.isOpeningBrace {
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
      let known = context.diagnostics.count
      try table.handlers[offset](&tree, statement, &self)
      let limit = table.wordLimits[offset]
      if statement.words.count > limit {
        context.hintOfSuperfluous(limit, of: statement, table.names, since: known)
      }
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
  ///
  /// Compatibility: braces in quotes count at the end of the keyword's line and of an entry.
  package mutating func readValues(
    of statement: Statement,
    entry: (Statement, inout BlockReader) throws(ReadingStop) -> Void
  ) throws(ReadingStop) {
    let isOpen = statement.words.count > 1 && statement.words.last?.text == "{"
    if statement.words.count > (isOpen ? 2 : 1) {
      context.report(
        .general,
        "Block \(statement.keyword) has extra parameters \(statement.words[1].text) ...",
        at: statement, word: 1)
    }
    guard try lines.advance() else { return }
    if isOpen {
      lines.pushBack()
    } else if !lines.isOpeningBrace {
      context.report(
        .note, "'{' missing from beginning of block \(statement.keyword)", at: lines.location())
      lines.pushBack()
    }
    while try lines.advance() {
      var line = lines.statement()
      let isLast = line.words.last?.text == "}"
      if isLast { line.words.removeLast() }
      if !line.words.isEmpty { try entry(line, &self) }
      if isLast { return }
    }
  }

  // MARK: - Passing over

  /// Passes over `{ … }` without reading it: its keyword was refused. Without a brace on the next
  /// line nothing is passed over.
  ///
  /// True if something was passed over.
  @discardableResult
  package mutating func skipBlock() throws(ReadingStop) -> Bool {
    guard try lines.advance() else { return false }
    guard lines.input.brace == .opening else {
      lines.pushBack()
      return false
    }
    try skipRestOfBlock()
    return true
  }

  /// Passes over a list that was refused.
  ///
  /// Compatibility: the brace that ends it ends the block around it as well.
  package mutating func refuseList() throws(ReadingStop) {
    hasLeftBlock = try skipBlock()
  }

  /// Passes over a block within a block that was refused.
  ///
  /// Compatibility: without a brace on the next line that line is taken for the first of the block,
  /// which is read as usual, for nothing.
  package mutating func refuseBlock<Tree>(_ table: KeywordTable<Tree>, _ scratch: Tree)
    throws(ReadingStop)
  {
    if try skipBlock() { return }
    var scratch = scratch
    try readBlock(table, into: &scratch)
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
