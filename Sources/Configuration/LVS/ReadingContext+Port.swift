import ConfigurationSyntax

extension ReadingContext {
  /// The port at `index`: 0 if there is no such word, or only zeros; nil after the number's own
  /// message.
  func port(_ line: Statement, _ index: Int) throws(ReadingStop) -> UInt16? {
    guard index < line.words.count else { return 0 }
    let word = line.words[index].text
    if !word.isEmpty && word.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) { return 0 }
    return try unsigned(line, index, in: 1...65535, .lenient)
      .map { UInt16(truncatingIfNeeded: $0) }
  }
}
