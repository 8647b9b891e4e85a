/// What `$NAME` stands for.
enum Definition {
  case text([UInt8])
  /// With `beginLater` nothing stands behind the equals sign: `$NAME= \`.
  case lines([[UInt8]], beginLater: Bool)
  case predefined(Predefined)

  /// The names that have a meaning from the start; they may be defined anew.
  enum Predefined: CaseIterable {
    case workingDirectory, configID, random, environment, hash, bang

    var name: String {
      switch self {
      case .workingDirectory: "_PWD"
      case .configID: "_INSTANCE"
      case .random: "_RANDOM"
      case .environment: "_ENV"
      case .hash: "_HASH"
      case .bang: "_BANG"
      }
    }

    /// How many parameters it takes.
    var parameters: ClosedRange<Int> {
      switch self {
      case .workingDirectory, .configID, .hash, .bang: 0...0
      case .random: 0...2
      case .environment: 1...1
      }
    }
  }

  /// Bytes that it keeps.
  var size: Int {
    switch self {
    case .text(let text): text.count
    case .lines(let lines, _): lines.reduce(0) { $0 + $1.count + 16 }
    case .predefined: 0
    }
  }
}

/// A place where `$NAME` or `${NAME PARAMETER…}` stands.
struct Reference {
  var name: [UInt8]
  var parameters: [[UInt8]]
  var range: Range<Int>

  /// The reference that starts with the dollar at `index`.
  ///
  /// Without braces a name only counts in front of a blank, a comma, a closing parenthesis or the
  /// end, so that shell text stays as it is.
  init?(in line: [UInt8], at index: Int) {
    var end = index + 1
    let braced = end < line.count && line[end] == Byte.openingBrace
    if braced { end += 1 }
    let start = end
    while end < line.count, line[end].isNamePart { end += 1 }
    guard end > start, line[start].isNameStart else { return nil }
    name = Array(line[start..<end])
    parameters = []
    guard braced else {
      if end < line.count {
        let next = line[end]
        guard next.isBlank || next == Byte.comma || next == Byte.closingParenthesis else {
          return nil
        }
      }
      range = index..<end
      return
    }
    while end < line.count, line[end].isBlank {
      while end < line.count, line[end].isBlank { end += 1 }
      let start = end
      while end < line.count, line[end].isNamePart { end += 1 }
      if end == start { return nil }
      parameters.append(Array(line[start..<end]))
    }
    guard end < line.count, line[end] == Byte.closingBrace else { return nil }
    range = index..<end + 1
  }
}
