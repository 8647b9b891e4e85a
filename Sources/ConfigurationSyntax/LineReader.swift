/// Turns the bytes of the files into logical lines, one at a time.
///
/// This is the whole of the language below the blocks: comments, conditions, definitions,
/// sequences, includes and the splitting at braces. `advance` finds the next logical line; its bytes
/// are valid until the next call.
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
  var files = FileStack()
  var text = LineText()
  var definitions: [[UInt8]: Definition] = [:]
  var definitionBytes = 0
  var expansions: [Expansion] = []
  var sequences: [ActiveSequence] = []
  var collection: Collection?
  var random: RandomSequence
  var generatedLines = 0
  var replacedBytes = 0
  /// The logical line, as a part of `text`.
  private(set) var logicalLine = 0..<0
  /// `{` less `}` among the logical lines.
  private(set) var openBraces = 0
  private var isPushedBack = false

  init(context: ReadingContext, sources: SourceSet, view: ReadingView) {
    self.context = context
    self.sources = sources
    self.view = view
    random = RandomSequence(seed: sources.randomSeed)
    for predefined in Definition.Predefined.allCases {
      definitions[Array(predefined.name.utf8)] = .predefined(predefined)
    }
    files.push(sources.topLevel, checks: context.includeChecks)
  }

  /// Finds the next logical line; false at the end of the text.
  func advance() throws(ReadingStop) -> Bool {
    if isPushedBack {
      isPushedBack = false
      return true
    }
    while true {
      if text.isEmpty {
        guard try fetch() else { return false }
      }
      guard try prepare() else {
        text.replace(with: [])
        continue
      }
      logicalLine = text.takeLogicalLine()
      if logicalLine.isEmpty { continue }
      countBraces()
      return true
    }
  }

  /// Makes the next `advance` find the same line again.
  func pushBack() { isPushedBack = true }

  var isOpeningBrace: Bool { isLine(Byte.openingBrace) }
  var isClosingBrace: Bool { isLine(Byte.closingBrace) }

  private func isLine(_ byte: UInt8) -> Bool {
    logicalLine.count == 1 && text.bytes[logicalLine.lowerBound] == byte
  }

  private func countBraces() {
    if logicalLine.count != 1 { return }
    if isOpeningBrace {
      openBraces += 1
    } else if isClosingBrace {
      if openBraces == 0 {
        context.report(.unexpectedClosingBrace, "Extra '}' found", at: location())
      } else {
        openBraces -= 1
      }
    }
  }

  /// The place of the logical line, or of the byte at `offset` in it.
  func location(at offset: Int? = nil) -> SourceLocation {
    guard let file = files.file else { return SourceLocation(file: nil, line: 0, column: 0) }
    let named = view != .parent || files.severalFiles
    return SourceLocation(
      file: named ? file.name : nil, line: files.line,
      column: text.column(at: offset ?? logicalLine.lowerBound), source: file.number)
  }

  /// The logical line as a statement.
  func statement() -> Statement {
    Statement(
      words: words(), text: Array(text.bytes[logicalLine]), location: location())
  }

  // MARK: - Sources

  /// Gets the next text from where it is due: sequences, definitions, files.
  private func fetch() throws(ReadingStop) -> Bool {
    if let sequence = sequences.last, sequence.expansionDepth >= expansions.count {
      return try fetchFromSequence()
    }
    if let expansion = expansions.last {
      text.replace(with: expansion.lines[expansion.next])
      if expansion.next + 1 < expansion.lines.count {
        expansions[expansions.count - 1].next += 1
      } else {
        // Left before its last line is read: a definition that ends in itself needs no depth.
        expansions.removeLast()
      }
      try countGeneratedLine()
      return true
    }
    return try fetchPhysicalLine()
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
    text.replace(with: sequences[last].body)
    try countGeneratedLine()
    return true
  }

  private func countGeneratedLine() throws(ReadingStop) {
    generatedLines += 1
    if generatedLines > context.limits.generatedLines {
      throw limit("lines from definitions and sequences", context.limits.generatedLines)
    }
  }

  private func fetchPhysicalLine() throws(ReadingStop) -> Bool {
    while true {
      guard
        let line = files.next(
          into: &text, following: view != .parent, checks: &context.includeChecks)
      else { return false }
      switch line {
      case .tooLong:
        reportBefore("line too long - ignoring")
      case .embeddedNUL:
        reportBefore("configuration appears to have embedded NULs - ignoring line")
      case .text(var balanced, let isEmpty):
        // Compatibility: the children read what the parent has made of a line, so that they see
        // a comment in `\#`.
        if view != .parent, text.classes.contains([.backslash, .comment]) {
          balanced = text.removeComment() && balanced
        }
        if !balanced { reportUnterminatedQuote() }
        if collection != nil, collectEmptyLine(isEmpty: isEmpty) { continue }
        if !text.isEmpty { return true }
      }
    }
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
      .general, "Unterminated quote '\(text.rest.text)'", at: location(at: text.start))
  }

  // MARK: - Steps before the split

  /// Does what a line asks for before it is split at braces; false if nothing is left of it.
  private func prepare() throws(ReadingStop) -> Bool {
    if collection != nil {
      try collect()
      return false
    }
    text.skipBlanks()
    if text.first == Byte.at, !takeCondition() { return false }
    if text.first == Byte.dollar, try takeDefinition() { return false }
    if text.first == Byte.tilde {
      return try !takeSequence()
    }
    if text.classes.contains(.dollar) { try substitute() }
    if text.first == UInt8(ascii: "i"), let directive = IncludeDirective(text.rest) {
      // The children find the files at this place by the parent's notes.
      if view == .parent { try include(directive) }
      return false
    }
    return !text.isEmpty
  }

  /// `@ID rest` and `@^ID rest`.
  private func takeCondition() -> Bool {
    var index = text.start + 1
    let bytes = text.bytes
    let negated = index < bytes.count && bytes[index] == Byte.caret
    if negated { index += 1 }
    let start = index
    while index < bytes.count, !bytes[index].isBlank { index += 1 }
    let matches = bytes[start..<index].elementsEqual(sources.configID)
    text.start = index
    text.skipBlanks()
    return matches != negated && !text.isEmpty
  }

  // MARK: - Limits

  /// The end of reading, at this place.
  func limit(_ what: String, _ value: Int) -> ReadingStop {
    .limitExceeded(
      context.diagnostic(
        .include, "more than \(value) \(what) - the configuration is refused", at: location()))
  }
}
