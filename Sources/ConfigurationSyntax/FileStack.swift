/// The files that are being read: the top-level one, and what is included within what.
struct FileStack {
  /// What the next physical line is.
  enum PhysicalLine {
    /// It has been taken into the line text.
    case text(balanced: Bool, isEmpty: Bool)
    case tooLong
    case embeddedNUL
  }

  /// The files that one `include` has found, read one after the other.
  private struct Level {
    var files: [SourceFile]
    /// Which of `files` is being read.
    var index = 0
    var position = 0
    var line = 0
    var nextSplice = 0
    /// Restored when the file ends.
    var checks: IncludeChecks

    var file: SourceFile { files[index] }
  }

  private var levels: [Level] = []
  private let classes = ByteClass.table

  var depth: Int { levels.count }
  /// The file of the line that was read last.
  var file: SourceFile? { levels.last?.file }
  var line: Int { levels.last?.line ?? 0 }
  /// Whether a place needs the file's name to be found.
  var severalFiles: Bool { levels.count > 1 || (levels.first?.files.count ?? 0) > 1 }

  mutating func push(_ files: [SourceFile], checks: IncludeChecks) {
    if !files.isEmpty { levels.append(Level(files: files, checks: checks)) }
  }

  /// Notes that `files` come in at this place.
  func splice(_ files: [SourceFile]) {
    guard let level = levels.last, !files.isEmpty else { return }
    level.file.splices.append(SourceFile.Splice(offset: level.position, files: files))
  }

  /// The files that were noted for this place, if any.
  private mutating func takeSplice(at top: Int) -> [SourceFile]? {
    let splices = levels[top].file.splices
    let next = levels[top].nextSplice
    guard next < splices.count, splices[next].offset == levels[top].position else { return nil }
    levels[top].nextSplice = next + 1
    return splices[next].files
  }

  /// Takes the next physical line into `text`; nil after the last one.
  ///
  /// With `following`, files noted by an earlier pass are gone into.
  mutating func next(
    into text: inout LineText, following: Bool, checks: inout IncludeChecks
  ) -> PhysicalLine? {
    while !levels.isEmpty {
      let top = levels.count - 1
      if following, let files = takeSplice(at: top) {
        push(files, checks: checks)
        continue
      }
      let file = levels[top].file
      if levels[top].position < file.bytes.count {
        return read(file, &levels[top], into: &text)
      }
      checks = levels[top].checks
      if levels[top].index + 1 < levels[top].files.count {
        levels[top] = Level(
          files: levels[top].files, index: levels[top].index + 1, checks: checks)
      } else {
        levels.removeLast()
      }
    }
    return nil
  }

  private func read(_ file: SourceFile, _ level: inout Level, into text: inout LineText)
    -> PhysicalLine
  {
    let bytes = file.bytes
    let start = level.position
    // The reference's buffer: the newline must be among these.
    let limit = min(bytes.count, start + ReadingLimits.lineLength + 1)
    var end = start
    var union: UInt8 = 0
    while end < limit {
      let byte = bytes[end]
      if byte == Byte.newline { break }
      union |= classes[Int(byte)]
      end += 1
    }
    level.line += 1
    level.position = end < limit ? end + 1 : end
    if end - start > ReadingLimits.lineLength { return .tooLong }
    let found = ByteClass(rawValue: union)
    if found.contains(.nul) { return .embeddedNUL }
    while end > start, bytes[end - 1] == Byte.carriageReturn { end -= 1 }
    let balanced = text.take(bytes, start..<end, classes: found)
    return .text(balanced: balanced, isEmpty: start == end)
  }
}
