/// The text that is being turned into logical lines, and how much of it has been dealt with.
///
/// As long as nothing is replaced in it, it is a part of the file's bytes, and nothing is copied.
struct LineText {
  private(set) var bytes: [UInt8] = []
  /// Where the text that is left begins and ends.
  var start = 0
  private(set) var end = 0
  /// The classes of the bytes that are (or were) in it.
  private(set) var classes: ByteClass = []
  /// What to add to an offset in `bytes` to get a column of the physical line; nil once the text
  /// has been changed.
  private var columnOffset: Int?

  var isEmpty: Bool { start >= end }
  var first: UInt8? { isEmpty ? nil : bytes[start] }
  /// The text that is left.
  var rest: ArraySlice<UInt8> { bytes[min(start, end)..<end] }

  func column(at offset: Int) -> Int { columnOffset.map { $0 + offset } ?? 0 }

  mutating func clear() { start = end }

  /// Takes other text, as it stands.
  mutating func replace(with text: [UInt8]) {
    bytes = text
    start = 0
    end = text.count
    columnOffset = nil
    classify()
  }

  /// Takes a physical line without its end of line, of which `classes` is known, and leaves out its
  /// comment. The result tells whether the quotes are balanced.
  mutating func take(_ text: [UInt8], _ range: Range<Int>, classes: ByteClass) -> Bool {
    bytes = text
    start = range.lowerBound
    end = range.upperBound
    self.classes = classes
    columnOffset = 1 - range.lowerBound
    skipBlanks()
    if classes.isDisjoint(with: [.quote, .comment, .backslash]) {
      stripTrailingBlanks()
      return true
    }
    return cutComment()
  }

  /// Removes the comment that a substitution has brought in.
  mutating func removeComment() -> Bool {
    skipBlanks()
    return cutComment()
  }

  /// Spec: a comment starts anywhere outside double quotes; a backslash protects `#` and `!` there
  /// and goes; before any other character it stays, and that character means nothing; as the last
  /// character it is joined to the text before it.
  private mutating func cutComment() -> Bool {
    var quoted = false
    var index = start
    var dropped: [Int] = []
    var continues = false
    scan: while index < end {
      switch bytes[index] {
      case Byte.quote: quoted.toggle()
      case Byte.bang, Byte.hash:
        if !quoted {
          end = index
          break scan
        }
      case Byte.backslash:
        continues = index + 1 == end
        if !continues, !quoted, bytes[index + 1] == Byte.hash || bytes[index + 1] == Byte.bang {
          dropped.append(index)
        }
        index += 1
      default: break
      }
      index += 1
    }
    if !continues { stripTrailingBlanks() }
    let joined = continues && end - start > 1 && bytes[end - 2].isBlank
    if !dropped.isEmpty || joined { rebuild(without: dropped, joined: joined) }
    return !quoted
  }

  /// Makes a text of its own, without the bytes at `dropped`; with `joined` the blanks before its
  /// last byte go too.
  private mutating func rebuild(without dropped: [Int], joined: Bool) {
    var text: [UInt8] = []
    text.reserveCapacity(end - start)
    var from = start
    for index in dropped where index < end {
      text += bytes[from..<index]
      from = index + 1
    }
    text += bytes[from..<end]
    if joined {
      text.removeLast()
      while let last = text.last, last.isBlank { text.removeLast() }
      text.append(Byte.backslash)
    }
    bytes = text
    start = 0
    end = text.count
    columnOffset = nil
  }

  private mutating func stripTrailingBlanks() {
    while end > start, bytes[end - 1].isBlank { end -= 1 }
  }

  mutating func skipBlanks() {
    while start < end, bytes[start].isBlank { start += 1 }
  }

  private mutating func classify() {
    let table = ByteClass.table
    var union: UInt8 = 0
    for index in start..<max(start, end) { union |= table[Int(bytes[index])] }
    classes = ByteClass(rawValue: union)
  }

  /// Spec: the first brace outside double quotes splits the line. The text before it, or the brace
  /// alone, is the logical line, whose range is the result; the rest stays.
  mutating func takeLogicalLine() -> Range<Int> {
    skipBlanks()
    let lower = start
    let split = classes.contains(.brace) ? firstBrace() : end
    if split == lower, split < end {
      start = split + 1
      skipBlanks()
      return lower..<split + 1
    }
    start = split
    var upper = split
    while upper > lower, bytes[upper - 1].isBlank { upper -= 1 }
    return lower..<upper
  }

  private func firstBrace() -> Int {
    var index = start
    while index < end {
      switch bytes[index] {
      case Byte.openingBrace, Byte.closingBrace: return index
      case Byte.quote:
        // A quote without a partner protects the rest.
        index = bytes[index + 1..<end].firstIndex(of: Byte.quote) ?? end
      default: break
      }
      index += 1
    }
    return end
  }
}
