/// The text that is being turned into logical lines: a buffer that is used again for each line, and
/// how much of it has been dealt with.
struct LineText {
  private(set) var bytes: [UInt8] = []
  /// Where the text that is left begins.
  var start = 0
  /// The classes of the bytes that are (or were) in it.
  private(set) var classes: ByteClass = []
  /// What to add to an offset in `bytes` to get a column of the physical line; nil once the text has
  /// been changed.
  private(set) var columnOffset: Int?

  var isEmpty: Bool { start >= bytes.count }
  var count: Int { bytes.count - start }
  var first: UInt8? { isEmpty ? nil : bytes[start] }
  /// The text that is left.
  var rest: ArraySlice<UInt8> { bytes[min(start, bytes.count)...] }

  func column(at offset: Int) -> Int { columnOffset.map { $0 + offset } ?? 0 }

  /// Takes other text, as it stands.
  mutating func replace(with text: [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: text)
    start = 0
    columnOffset = nil
    classify()
  }

  /// Takes a physical line without its end of line, of which `classes` is known, and removes its
  /// comment. The result tells whether the quotes are balanced.
  mutating func take(_ text: [UInt8], _ range: Range<Int>, classes: ByteClass) -> Bool {
    self.classes = classes
    start = 0
    bytes.removeAll(keepingCapacity: true)
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, text[lower].isBlank { lower += 1 }
    columnOffset = lower - range.lowerBound + 1
    guard !classes.isDisjoint(with: [.quote, .comment, .backslash]) else {
      while upper > lower, text[upper - 1].isBlank { upper -= 1 }
      bytes.append(contentsOf: text[lower..<upper])
      return true
    }
    return appendWithoutComment(text, lower..<upper)
  }

  /// Removes the comment that a substitution has brought in.
  mutating func removeComment() -> Bool {
    let text = Array(rest)
    let start = 0..<text.count
    let balanced = take(text, start, classes: classes)
    columnOffset = nil
    classify()
    return balanced
  }

  /// Spec: a comment starts anywhere outside double quotes; a backslash protects `#` and `!` there
  /// and goes; before any other character it stays, and that character means nothing; as the last
  /// character it is joined to the text before it.
  private mutating func appendWithoutComment(_ text: [UInt8], _ range: Range<Int>) -> Bool {
    var quoted = false
    var index = range.lowerBound
    scan: while index < range.upperBound {
      let byte = text[index]
      switch byte {
      case Byte.quote: quoted.toggle()
      case Byte.bang, Byte.hash:
        if !quoted { break scan }
      case Byte.backslash:
        guard index + 1 < range.upperBound else {
          stripTrailingBlanks()
          bytes.append(byte)
          return !quoted
        }
        let next = text[index + 1]
        if !quoted, next == Byte.hash || next == Byte.bang {
          columnOffset = nil
        } else {
          bytes.append(byte)
        }
        bytes.append(next)
        index += 2
        continue scan
      default: break
      }
      bytes.append(byte)
      index += 1
    }
    stripTrailingBlanks()
    return !quoted
  }

  private mutating func stripTrailingBlanks() {
    while let last = bytes.last, last.isBlank { bytes.removeLast() }
  }

  mutating func skipBlanks() {
    while start < bytes.count, bytes[start].isBlank { start += 1 }
  }

  /// Removes the last character: the backslash of a line that goes on.
  mutating func removeLast() {
    if !isEmpty { bytes.removeLast() }
  }

  private mutating func classify() {
    let table = ByteClass.table
    var union: UInt8 = 0
    for index in start..<max(start, bytes.count) { union |= table[Int(bytes[index])] }
    classes = ByteClass(rawValue: union)
  }

  /// Spec: the first brace outside double quotes splits the line. The text before it, or the brace
  /// alone, is the logical line, whose range is the result; the rest stays.
  mutating func takeLogicalLine() -> Range<Int> {
    skipBlanks()
    let lower = start
    let upper = classes.contains(.brace) ? firstBrace() : bytes.count
    if upper == lower, upper < bytes.count {
      start = upper + 1
      skipBlanks()
      return lower..<upper + 1
    }
    start = upper
    var end = upper
    while end > lower, bytes[end - 1].isBlank { end -= 1 }
    return lower..<end
  }

  private func firstBrace() -> Int {
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case Byte.openingBrace, Byte.closingBrace: return index
      case Byte.quote:
        // A quote without a partner protects nothing.
        if let partner = bytes[(index + 1)...].firstIndex(of: Byte.quote) { index = partner }
      default: break
      }
      index += 1
    }
    return bytes.count
  }
}
