/// Why bytes are no snapshot.
package enum SnapshotError: Error, Hashable {
  /// They begin with something else, or another version.
  case unknownFormat
  /// They end too early, or a length in them is beyond their end.
  case truncated
  /// A number in them has no meaning.
  case unknownValue(UInt8)
  /// A status is no number of 32 bits, or a reason is not UTF-8.
  case invalidValue
  /// More follows behind the end.
  case trailingBytes
}

// Numbers are little endian; byte strings have their length of 8 bytes in front.
extension FilesSnapshot {
  private static let magic = Array("kcs1".utf8)

  package func encoded() -> [UInt8] {
    var writer = SnapshotWriter()
    writer.bytes += Self.magic
    writer.put(workingDirectory)
    writer.put(nodeName)
    writer.put(randomSeed)
    writer.put(UInt64(variables.count))
    for variable in variables {
      writer.put(variable.name)
      writer.bytes.append(variable.value == nil ? 0 : 1)
      if let value = variable.value { writer.put(value) }
    }
    writer.put(UInt64(answers.count))
    for answer in answers { writer.put(answer) }
    return writer.bytes
  }

  /// Takes nothing on trust: any bytes give a snapshot or an error.
  package init(decoding bytes: [UInt8]) throws(SnapshotError) {
    var reader = SnapshotReader(bytes)
    for byte in Self.magic where try reader.byte() != byte { throw .unknownFormat }
    workingDirectory = try reader.string()
    nodeName = try reader.string()
    randomSeed = try reader.number()
    for _ in 0..<(try reader.count()) {
      let name = try reader.string()
      let value: [UInt8]? =
        switch try reader.byte() {
        case 0: nil
        case 1: try reader.string()
        case let other: throw .unknownValue(other)
        }
      variables.append(Variable(name: name, value: value))
    }
    for _ in 0..<(try reader.count()) { answers.append(try reader.answer()) }
    if !reader.isAtEnd { throw .trailingBytes }
  }
}

private struct SnapshotWriter {
  var bytes: [UInt8] = []

  mutating func put(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func put(_ string: [UInt8]) {
    put(UInt64(string.count))
    bytes += string
  }

  mutating func put(_ text: String) { put(Array(text.utf8)) }

  mutating func put(_ answer: FilesSnapshot.Answer) {
    switch answer {
    case .match(let pattern, let directory, let match):
      bytes.append(0)
      put(pattern)
      put(directory)
      put(match)
    case .read(let path, let directory, let contents):
      bytes.append(1)
      put(path)
      put(directory)
      put(contents)
    case .directory(let path, let directory, let lookup):
      bytes.append(2)
      put(path)
      put(directory)
      switch lookup {
      case .path(let path):
        bytes.append(0)
        put(path)
      case .failed(let reason):
        bytes.append(1)
        put(reason)
      }
    }
  }

  private mutating func put(_ match: PatternMatch) {
    switch match {
    case .found(let paths, let missingAlternatives):
      bytes.append(missingAlternatives ? 1 : 0)
      put(UInt64(paths.count))
      for path in paths { put(path) }
    case .missing: bytes.append(2)
    case .noMatch: bytes.append(3)
    case .failed(let code):
      bytes.append(4)
      put(UInt64(UInt32(bitPattern: code)))
    }
  }

  private mutating func put(_ contents: FileContents) {
    switch contents {
    case .bytes(let contents):
      bytes.append(0)
      put(contents)
    case .isDirectory: bytes.append(1)
    case .notRegular: bytes.append(2)
    case .failed(let reason):
      bytes.append(3)
      put(reason)
    case .tooLarge: bytes.append(4)
    }
  }
}

private struct SnapshotReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }

  mutating func byte() throws(SnapshotError) -> UInt8 {
    guard index < bytes.count else { throw .truncated }
    index += 1
    return bytes[index - 1]
  }

  mutating func number() throws(SnapshotError) -> UInt64 {
    guard bytes.count - index >= 8 else { throw .truncated }
    defer { index += 8 }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[index + $1]) << UInt64($1 * 8) }
  }

  /// A number of things that follow, each of at least one byte.
  mutating func count() throws(SnapshotError) -> Int {
    let number = try number()
    guard let count = Int(exactly: number), count <= bytes.count - index else { throw .truncated }
    return count
  }

  mutating func string() throws(SnapshotError) -> [UInt8] {
    let length = try count()
    index += length
    return Array(bytes[index - length..<index])
  }

  mutating func text() throws(SnapshotError) -> String {
    guard let text = String(validating: try string(), as: UTF8.self) else { throw .invalidValue }
    return text
  }

  mutating func answer() throws(SnapshotError) -> FilesSnapshot.Answer {
    let kind = try byte()
    let question = try string()
    let directory = try string()
    switch kind {
    case 0: return .match(pattern: question, directory: directory, try match())
    case 1: return .read(path: question, directory: directory, try contents())
    case 2:
      let lookup: DirectoryLookup =
        switch try byte() {
        case 0: .path(try string())
        case 1: .failed(try text())
        case let other: throw .unknownValue(other)
        }
      return .directory(path: question, directory: directory, lookup)
    default: throw .unknownValue(kind)
    }
  }

  private mutating func match() throws(SnapshotError) -> PatternMatch {
    let kind = try byte()
    switch kind {
    case 0, 1:
      var paths: [[UInt8]] = []
      for _ in 0..<(try count()) { paths.append(try string()) }
      return .found(paths, missingAlternatives: kind == 1)
    case 2: return .missing
    case 3: return .noMatch
    case 4:
      guard let status = UInt32(exactly: try number()) else { throw .invalidValue }
      return .failed(Int32(bitPattern: status))
    default: throw .unknownValue(kind)
    }
  }

  private mutating func contents() throws(SnapshotError) -> FileContents {
    let kind = try byte()
    switch kind {
    case 0: return .bytes(try string())
    case 1: return .isDirectory
    case 2: return .notRegular
    case 3: return .failed(try text())
    case 4: return .tooLarge
    default: throw .unknownValue(kind)
    }
  }
}
