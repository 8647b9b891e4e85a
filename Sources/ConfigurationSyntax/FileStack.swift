/// The files that are being read: the top-level one, and what is included within what.
struct FileStack {
  /// What the next physical line is.
  enum PhysicalLine {
    /// It has been taken into the line text.
    case text(balanced: Bool, isEmpty: Bool)
    case tooLong
    case embeddedNUL
    /// A file has ended; these checks hold again.
    case endOfFile(IncludeChecks)
    case end
  }

  /// The files that one `include` has found, read one after the other.
  private struct Level {
    var files: [SourceFile]
    /// Which of `files` is being read, and its bytes.
    var index = 0
    var bytes: [UInt8] = []
    var position = 0
    var line = 0
    /// Where a file comes in that an earlier reading has found, and which of the splices it is.
    var nextSplice = Int.max
    var splice = -1
    /// Restored when the file ends.
    var checks: IncludeChecks

    init(files: [SourceFile], index: Int, checks: IncludeChecks, following: Bool) {
      self.files = files
      self.index = index
      self.checks = checks
      bytes = file?.bytes ?? []
      if following { findNextSplice() }
    }

    var file: SourceFile? { index < files.count ? files[index] : nil }

    mutating func findNextSplice() {
      splice += 1
      let splices = file?.splices ?? []
      nextSplice = splice < splices.count ? splices[splice].offset : .max
    }
  }

  /// Whether files that an earlier reading has found are gone into.
  private let following: Bool
  private let classes = ByteClass.table
  /// The innermost files, and those around them.
  private var current: Level
  private var outer: [Level] = []

  init(_ files: [SourceFile], following: Bool, checks: IncludeChecks) {
    self.following = following
    current = Level(files: files, index: 0, checks: checks, following: following)
  }

  var depth: Int { outer.count + 1 }
  /// The file of the line that was read last.
  var file: SourceFile? { current.file }
  var line: Int { current.line }
  /// Whether a place needs the file's name to be found.
  var severalFiles: Bool { !outer.isEmpty || current.files.count > 1 }

  /// Goes into `files`, and notes for later readings that they come in here.
  mutating func include(_ files: [SourceFile], checks: IncludeChecks) {
    if files.isEmpty { return }
    current.file?.splices.append(SourceFile.Splice(offset: current.position, files: files))
    push(files, checks: checks)
  }

  private mutating func push(_ files: [SourceFile], checks: IncludeChecks) {
    outer.append(current)
    current = Level(files: files, index: 0, checks: checks, following: following)
  }

  /// Takes the next physical line into `text`.
  mutating func next(into text: inout LineText) -> PhysicalLine {
    while current.position == current.nextSplice, let file = current.file {
      let splice = file.splices[current.splice]
      current.findNextSplice()
      push(splice.files, checks: current.checks)
    }
    if current.position < current.bytes.count { return read(into: &text) }
    let checks = current.checks
    if current.index + 1 < current.files.count {
      current = Level(
        files: current.files, index: current.index + 1, checks: checks, following: following)
    } else if let level = outer.popLast() {
      current = level
    } else {
      return .end
    }
    return .endOfFile(checks)
  }

  private mutating func read(into text: inout LineText) -> PhysicalLine {
    let start = current.position
    // The reference's buffer: the newline must be among these.
    let limit = min(current.bytes.count, start + ReadingLimits.lineLength + 1)
    var end = start
    var union: UInt8 = 0
    while end < limit {
      let byte = current.bytes[end]
      if byte == Byte.newline { break }
      union |= classes[Int(byte)]
      end += 1
    }
    current.line += 1
    current.position = end < limit ? end + 1 : end
    if end - start > ReadingLimits.lineLength { return .tooLong }
    let found = ByteClass(rawValue: union)
    if found.contains(.nul) { return .embeddedNUL }
    while end > start, current.bytes[end - 1] == Byte.carriageReturn { end -= 1 }
    let balanced = text.take(current.bytes, start..<end, classes: found)
    return .text(balanced: balanced, isEmpty: start == end)
  }
}
