import Primitives

/// A word of a logical line.
package struct Word: Hashable, Sendable {
  /// The bytes without their quotes, as text (invalid UTF-8 is repaired).
  package var text: String
  /// Where it starts in its line, from 1; 0 if that is not known.
  package var column: Int

  package init(_ text: String, column: Int = 0) {
    self.text = text
    self.column = column
  }
}

/// One logical line: a keyword and its arguments.
package struct Statement: Sendable {
  package var words: [Word]
  /// The whole line before it was cut into words: script keywords read it again with their own
  /// quoting rules.
  package var text: [UInt8]
  package var location: SourceLocation

  package init(words: [Word], text: [UInt8], location: SourceLocation) {
    self.words = words
    self.text = text
    self.location = location
  }

  package var keyword: String { words.first?.text ?? "" }

  /// The command of a script keyword as it stands in the line. Those keywords cut the line by rules
  /// of their own, so it is there too if its quote never ends.
  package func command() throws(ReadingStop) -> String {
    if words.count > 1 { return words[1].text }
    let rest = text.drop { !$0.isWhiteSpace && $0 != Byte.quote }.drop(while: \.isWhiteSpace)
    if rest.first == Byte.quote { return Array(rest).text }
    return try word(1).text
  }

  /// The words behind the keyword.
  package var arguments: ArraySlice<Word> { words.dropFirst() }

  /// The word at `index` (0 is the keyword); without it the configuration cannot be read any
  /// further, as in the reference: exit status 2.
  package func word(_ index: Int) throws(ReadingStop) -> Word {
    if index >= 0, index < words.count { return words[index] }
    throw .missingParameter(self, index: index)
  }
}
