/// The text in hand and the files that it comes from: the part of line reading that every line
/// passes through. A struct, so that a line that asks for nothing special is read in one go.
struct LineInput {
  /// What `advance` has found.
  enum Step {
    /// A logical line.
    case line
    /// A logical line that is a `}` too many.
    case extraClosingBrace
    /// Text that is not to be split before its directives and references have been seen to.
    case needsPreparation
    /// No text, and it is not the files' turn.
    case needsText
    /// No text, and this from the files.
    case physical(FileStack.PhysicalLine)
  }

  enum Brace { case none, opening, closing }

  var files: FileStack
  var text = LineText()
  /// The logical line, as a part of `text`.
  private(set) var logicalLine = 0..<0
  /// Whether the logical line is a brace.
  private(set) var brace: Brace = .none
  /// `{` less `}` among the logical lines.
  private(set) var openBraces = 0
  /// Whether no sequence and no definition is in the way of the files.
  var isPlain = true
  /// Whether the text has had what `needsPreparation` asks for.
  var isPrepared = false
  /// Whether its references have been replaced. What is left behind a brace has no others.
  var isSubstituted = false

  init(_ files: FileStack) { self.files = files }

  mutating func take(_ line: [UInt8]) {
    text.replace(with: line)
    isPrepared = false
    isSubstituted = false
  }

  mutating func readPhysicalLine() -> FileStack.PhysicalLine {
    isPrepared = false
    isSubstituted = false
    return files.next(into: &text)
  }

  mutating func advance() -> Step {
    while true {
      if text.isEmpty {
        if !isPlain { return .needsText }
        let line = readPhysicalLine()
        guard case .text(true, _) = line, !text.classes.contains(.backslash) else {
          return .physical(line)
        }
        continue
      }
      if !isPrepared, needsPreparation { return .needsPreparation }
      // What is left behind a brace is seen as a line of its own.
      isPrepared = false
      logicalLine = text.takeLogicalLine()
      if logicalLine.isEmpty { continue }
      return countBrace() ? .line : .extraClosingBrace
    }
  }

  private var needsPreparation: Bool {
    if !isPlain || (text.classes.contains(.dollar) && !isSubstituted) { return true }
    switch text.first {
    case Byte.at, Byte.dollar, Byte.tilde, UInt8(ascii: "i"): return true
    // Blanks are stripped before anything is looked at.
    case Byte.space, Byte.tab: return true
    default: return false
    }
  }

  /// False for a closing brace that nothing is open for.
  private mutating func countBrace() -> Bool {
    brace = .none
    if logicalLine.count != 1 { return true }
    switch text.bytes[logicalLine.lowerBound] {
    case Byte.openingBrace:
      brace = .opening
      openBraces += 1
    case Byte.closingBrace:
      brace = .closing
      if openBraces == 0 { return false }
      openBraces -= 1
    default: break
    }
    return true
  }
}
