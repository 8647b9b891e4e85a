/// Reads logical lines and hands each to its keyword: the recursive descent.
///
/// A handler of a block keyword calls `readBlock` for a block with keywords of its own, or
/// `readValues` for a list of lines.
package struct BlockReader {
  /// Where diagnostics go, which mode numbers are read in, what has been defined.
  package let context: ReadingContext

  package init(context: ReadingContext) { self.context = context }

  /// Reads `{ … }` with the keywords of `table` into `tree`.
  package mutating func readBlock<Tree>(_ table: KeywordTable<Tree>, into tree: inout Tree)
    throws(ReadingStop)
  {
  }

  /// Reads `{ … }` as a list: `entry` is called for each line.
  package mutating func readValues(
    of statement: Statement,
    entry: (Statement, inout BlockReader) throws(ReadingStop) -> Void
  ) throws(ReadingStop) {
  }

  /// Passes over `{ … }` without reading it: its keyword was refused.
  package mutating func skipBlock() throws(ReadingStop) {
  }
}
