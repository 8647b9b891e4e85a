/// A file as it was opened once: its bytes, and what was included where.
///
/// The parent finds the included files and notes them here; the children's views follow the notes,
/// so that all read the same text.
final class SourceFile {
  /// Files that come in after the physical lines before `offset`.
  struct Splice {
    var offset: Int
    var files: [SourceFile]
  }

  /// The path as it was matched.
  let path: [UInt8]
  let name: String
  let bytes: [UInt8]
  /// What relative paths in it start from.
  let directory: [UInt8]
  /// Its number in the order of opening.
  let number: Int
  var splices: [Splice] = []
  /// Where each physical line begins; only made for excerpts.
  private lazy var lineStarts = makeLineStarts()

  init(path: [UInt8], bytes: [UInt8], directory: [UInt8], number: Int) {
    self.path = path
    name = path.text
    self.bytes = bytes
    self.directory = directory
    self.number = number
  }

  /// The text of line `number`, from 1, or nil.
  func line(_ number: Int) -> String? {
    guard number > 0, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    let next = number < lineStarts.count ? lineStarts[number] : bytes.count
    var text = bytes[start..<next]
    while let last = text.last, last == Byte.newline || last == Byte.carriageReturn {
      text.removeLast()
    }
    return text.text
  }

  /// Counts as `FileStack.next` does: a part of a line that is too long is a line.
  private func makeLineStarts() -> [Int] {
    var starts: [Int] = []
    var position = 0
    while position < bytes.count {
      starts.append(position)
      let limit = min(bytes.count, position + ReadingLimits.lineLength + 1)
      position = bytes[position..<limit].firstIndex(of: Byte.newline).map { $0 + 1 } ?? limit
    }
    return starts
  }
}
