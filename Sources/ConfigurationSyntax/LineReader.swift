/// Turns the bytes of the files into logical lines, one at a time.
///
/// This is the whole of the language below the blocks: comments, conditions, definitions,
/// sequences, includes and the splitting at braces. `advance` finds the next logical line; its
/// bytes are valid until the next call.
final class LineReader {
  /// A multi-line definition that is being expanded.
  struct Expansion {
    var lines: [[UInt8]]
    var next: Int
  }

  /// A multi-line definition that is being collected.
  struct Collection {
    var name: [UInt8]
    var lines: [[UInt8]]
  }

  let context: ReadingContext
  let sources: SourceSet
  let view: ReadingView
  /// The text and where it comes from.
  var input: LineInput
  var definitions: [[UInt8]: Definition] = [:]
  var definitionBytes = 0
  var expansions: [Expansion] = []
  var sequences: [ActiveSequence] = []
  var collection: Collection?
  var random: RandomSequence
  var generatedLines = 0
  var replacedBytes = 0
  /// `advance` has found the end of the text.
  private(set) var hasEnded = false
  private var isPushedBack = false

  init(context: ReadingContext, sources: SourceSet, view: ReadingView) {
    self.context = context
    self.sources = sources
    self.view = view
    random = RandomSequence(seed: sources.randomSeed)
    input = LineInput(
      FileStack(
        sources.topLevel, following: view != .parent, checks: context.includeChecks))
    for predefined in Definition.Predefined.allCases {
      definitions[Array(predefined.name.utf8)] = .predefined(predefined)
    }
  }

  /// Finds the next logical line; false at the end of the text.
  func advance() throws(ReadingStop) -> Bool {
    if isPushedBack {
      isPushedBack = false
      return true
    }
    while !hasEnded {
      switch input.advance() {
      case .line: return true
      case .extraClosingBrace:
        context.report(.unexpectedClosingBrace, "Extra '}' found", at: location())
        return true
      case .needsPreparation:
        if try !prepare() { input.text.clear() }
        input.isPrepared = true
        updateSource()
      case .needsText:
        hasEnded = try !fetch()
      case .physical(let line):
        hasEnded = try !take(line)
      }
    }
    return false
  }

  /// Whether the line begins a block. Compatibility: also in quotes.
  var isOpeningBrace: Bool {
    input.brace == .opening || wordsOfQuotedLine().first?.text == "{"
  }

  /// Makes the next `advance` find the same line again.
  func pushBack() { isPushedBack = true }

  /// Passes over logical lines up to the brace that closes the block that is open. `passing` is
  /// called at each one of that block itself.
  ///
  /// Compatibility: a word that is a brace in quotes counts as well.
  func skipRestOfBlock(_ passing: () -> Void = {}) throws(ReadingStop) {
    var nested = 1
    while try advance() {
      switch input.brace {
      case .opening: nested += 1
      case .closing: nested -= 1
      case .none:
        for word in wordsOfQuotedLine() where nested > 0 {
          if word.text == "{" { nested += 1 } else if word.text == "}" { nested -= 1 }
        }
        if nested == 1 { passing() }
      }
      if nested == 0 { return }
    }
  }

  /// The place of the logical line, or of the byte at `offset` in it.
  func location(at offset: Int? = nil) -> SourceLocation {
    guard let file = input.files.file else { return SourceLocation(file: nil, line: 0, column: 0) }
    let named = view != .parent || input.files.severalFiles
    return SourceLocation(
      file: named ? file.name : nil, line: input.files.line,
      column: input.text.column(at: offset ?? input.logicalLine.lowerBound), source: file.number)
  }

  /// The logical line as a statement.
  func statement() -> Statement {
    Statement(
      words: words(), text: Array(input.text.bytes[input.logicalLine]), location: location())
  }

  // MARK: - Sources

  /// Whether the next text comes from the files.
  private func updateSource() {
    input.isPlain = sequences.isEmpty && expansions.isEmpty && collection == nil
  }

  /// Gets the next text from where it is due: sequences, definitions, files.
  private func fetch() throws(ReadingStop) -> Bool {
    updateSource()
    if let sequence = sequences.last, sequence.expansionDepth >= expansions.count {
      return try fetchFromSequence()
    }
    if let expansion = expansions.last {
      input.take(expansion.lines[expansion.next])
      if expansion.next + 1 < expansion.lines.count {
        expansions[expansions.count - 1].next += 1
      } else {
        // Left before its last line is read: a definition that ends in itself needs no depth.
        expansions.removeLast()
      }
      try countGeneratedLine()
      return true
    }
    return try take(input.readPhysicalLine())
  }

  private func fetchFromSequence() throws(ReadingStop) -> Bool {
    let last = sequences.count - 1
    guard let values = sequences[last].next() else {
      sequences.removeLast()
      return try fetch()
    }
    for (name, value) in zip(sequences[last].variables, values) {
      try define(name, .text(value))
    }
    input.take(sequences[last].body)
    try countGeneratedLine()
    return true
  }

  private func countGeneratedLine() throws(ReadingStop) {
    generatedLines += 1
    if generatedLines > context.limits.generatedLines {
      throw limit("lines from definitions and sequences", context.limits.generatedLines)
    }
  }

  /// Deals with what the files have given; false at their end.
  private func take(_ line: FileStack.PhysicalLine) throws(ReadingStop) -> Bool {
    switch line {
    case .end: return false
    case .endOfFile(let checks): context.includeChecks = checks
    case .tooLong: reportBefore("line too long - ignoring")
    case .embeddedNUL:
      reportBefore("configuration appears to have embedded NULs - ignoring line")
    case .text(var balanced, let isEmpty):
      // Compatibility: the children read what the parent has made of a line, so that they see a
      // comment in `\#`.
      if view != .parent, input.text.classes.contains([.backslash, .comment]) {
        balanced = input.text.removeComment() && balanced
      }
      if !balanced { reportUnterminatedQuote() }
      if collection != nil, collectEmptyLine(isEmpty: isEmpty) { input.text.clear() }
    }
    return true
  }

  /// Compatibility: what is wrong with a line as a whole is reported for the line before it.
  private func reportBefore(_ message: String) {
    var place = location()
    place.line -= 1
    place.column = 0
    context.report(.general, message, at: place)
  }

  func reportUnterminatedQuote() {
    context.report(
      .general, "Unterminated quote '\(Secrets.masked(input.text.rest.text))'",
      at: location(at: input.text.start))
  }

  // MARK: - Steps before the split

  /// Does what a line asks for before it is split at braces; false if nothing is left of it.
  private func prepare() throws(ReadingStop) -> Bool {
    if collection != nil {
      try collect()
      return false
    }
    input.text.skipBlanks()
    if input.text.first == Byte.at, !takeCondition() { return false }
    if input.text.first == Byte.dollar, try takeDefinition() { return false }
    if input.text.first == Byte.tilde {
      return try !takeSequence()
    }
    if input.text.classes.contains(.dollar), !input.isSubstituted {
      try substitute()
      input.isSubstituted = true
    }
    if input.text.first == UInt8(ascii: "i"), let directive = IncludeDirective(input.text.rest) {
      // The children find the files at this place by the parent's notes.
      if view == .parent { try include(directive) }
      return false
    }
    return !input.text.isEmpty
  }

  /// `@ID rest` and `@^ID rest`.
  private func takeCondition() -> Bool {
    var index = input.text.start + 1
    let (bytes, end) = (input.text.bytes, input.text.end)
    let negated = index < end && bytes[index] == Byte.caret
    if negated { index += 1 }
    let start = index
    while index < end, !bytes[index].isBlank { index += 1 }
    let matches = bytes[start..<index].elementsEqual(sources.configID)
    input.text.start = index
    input.text.skipBlanks()
    return matches != negated && !input.text.isEmpty
  }

  // MARK: - Limits

  /// The end of reading, at this place.
  func limit(_ what: String, _ value: Int) -> ReadingStop {
    .limitExceeded(
      context.diagnostic(
        .include, "more than \(value) \(what) - the configuration is refused", at: location()))
  }
}
