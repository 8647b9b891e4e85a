/// A place in a configuration file, for people: lines and columns count from 1.
package struct SourceLocation: Hashable, Sendable {
  /// The path as it was matched; nil where the reference names no file (the sole top-level file as
  /// the parent reads it).
  package var file: String?
  package var line: Int
  /// 0 where the place in the line is not known: text that definitions or sequences made.
  package var column: Int
  /// Which of the files that were opened, from 0; files of one name are told apart by it.
  package var source: Int

  package init(file: String?, line: Int, column: Int, source: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
    self.source = source
  }

  /// `(FILE: Line N) `, the prefix that other programs parse.
  package var prefix: String {
    if line == 0 { return "" }
    return if let file { "(\(file): Line \(line)) " } else { "(Line \(line)) " }
  }
}
