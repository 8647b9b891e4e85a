/// A place in a configuration file, for people: lines and columns count from 1.
package struct SourceLocation: Hashable, Sendable {
  /// The path as it was matched; nil where the reference names no file (the sole top-level file as
  /// the parent reads it).
  package var file: String?
  package var line: Int
  package var column: Int

  package init(file: String?, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `(FILE: Line N) `, the prefix that other programs parse.
  package var prefix: String {
    if let file { "(\(file): Line \(line)) " } else { "(Line \(line)) " }
  }
}
