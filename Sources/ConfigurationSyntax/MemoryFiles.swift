/// Files that only exist here, for tests and for text that comes from elsewhere.
package final class MemoryFiles: ConfigurationFiles {
  /// By absolute path. A path in `directories` is a directory, as is everything above a file.
  package var contents: [String: FileContents]
  package var directories: Set<String> = []
  package var environmentVariables: [String: String] = [:]
  package var node = "node.example"
  package var seed: UInt64 = 1
  package var home = "/etc/keepalived"

  package init(_ contents: [String: FileContents] = [:]) { self.contents = contents }

  /// One file, `keepalived.conf` in the working directory.
  package convenience init(text: String) { self.init(bytes: Array(text.utf8)) }

  package convenience init(bytes: [UInt8]) {
    self.init(["/etc/keepalived/keepalived.conf": .bytes(bytes)])
  }

  package func workingDirectory() -> [UInt8] { Array(home.utf8) }
  package func nodeName() -> [UInt8] { Array(node.utf8) }
  package func randomSeed() -> UInt64 { seed }

  package func environment(_ name: [UInt8]) -> [UInt8]? {
    environmentVariables[name.text].map { Array($0.utf8) }
  }

  package func read(_ path: [UInt8], in directory: [UInt8], limit: Int) -> FileContents {
    let path = absolute(path.text, in: directory.text)
    if isDirectory(path) { return .isDirectory }
    guard let file = contents[path] else { return .notRegular }
    if case .bytes(let bytes) = file, bytes.count > limit { return .tooLarge }
    return file
  }

  package func directory(of path: [UInt8], in directory: [UInt8]) -> DirectoryLookup {
    guard let end = path.lastIndex(of: Byte.slash) else { return .path(directory) }
    let found = absolute(path[...end].text, in: directory.text)
    return isDirectory(found)
      ? .path(Array(found.utf8)) : .failed("No such file or directory")
  }

  package func match(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch {
    var found: [[UInt8]] = []
    var missing = false
    for alternative in Self.alternatives(pattern, depth: 0) {
      let before = found.count
      found += expand(alternative, in: directory.text)
      let isPattern = alternative.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
      if found.count == before, !isPattern { missing = true }
    }
    if found.isEmpty { return missing ? .missing : .noMatch }
    return .found(found, missingAlternatives: missing)
  }

  // MARK: - Paths

  private var allDirectories: Set<String> {
    var all = directories
    all.insert("/")
    all.insert(home)
    for path in contents.keys {
      var rest = Substring(path)
      while let slash = rest.lastIndex(of: "/"), slash != rest.startIndex {
        rest = rest[..<slash]
        all.insert(String(rest))
      }
    }
    return all
  }

  private func isDirectory(_ path: String) -> Bool { allDirectories.contains(path) }

  /// Without `.`, `..` and empty components.
  private func absolute(_ path: String, in directory: String) -> String {
    var components: [Substring] = []
    for component in (path.hasPrefix("/") ? path : directory + "/" + path).split(separator: "/") {
      if component == "." { continue }
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return "/" + components.joined(separator: "/")
  }

  /// What one alternative without braces stands for: wildcards only in the last component.
  private func expand(_ pattern: [UInt8], in directory: String) -> [[UInt8]] {
    let end = pattern.lastIndex(of: Byte.slash).map { $0 + 1 } ?? 0
    let parent = absolute(pattern[..<end].text, in: directory)
    var matches: [[UInt8]] = []
    for path in allDirectories.union(contents.keys) where path != "/" {
      let slash = path.lastIndex(of: "/") ?? path.startIndex
      let name = Array(path[path.index(after: slash)...].utf8)
      let above = slash == path.startIndex ? "/" : String(path[..<slash])
      if above == parent, Self.fits(name[...], pattern[end...]) {
        matches.append(pattern[..<end] + name + (isDirectory(path) ? [Byte.slash] : []))
      }
    }
    if pattern.last == Byte.slash, isDirectory(parent) { matches.append(pattern) }
    return matches.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func fits(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == UInt8(ascii: "*") {
      return fits(name, pattern.dropFirst()) || (!name.isEmpty && fits(name.dropFirst(), pattern))
    }
    guard let byte = name.first, first == UInt8(ascii: "?") || first == byte else { return false }
    return fits(name.dropFirst(), pattern.dropFirst())
  }

  /// The pattern for each alternative of its first braces, and so on.
  private static func alternatives(_ pattern: [UInt8], depth: Int) -> [[UInt8]] {
    guard depth < 8, let open = pattern.firstIndex(of: Byte.openingBrace) else { return [pattern] }
    var level = 0
    var parts: [ArraySlice<UInt8>] = []
    var start = open + 1
    for index in open..<pattern.count {
      switch pattern[index] {
      case Byte.openingBrace: level += 1
      case Byte.comma where level == 1:
        parts.append(pattern[start..<index])
        start = index + 1
      case Byte.closingBrace:
        level -= 1
        if level == 0 {
          parts.append(pattern[start..<index])
          return parts.flatMap {
            alternatives(
              Array(pattern[..<open]) + Array($0) + Array(pattern[(index + 1)...]), depth: depth + 1
            )
          }
        }
      default: break
      }
    }
    return [pattern]
  }
}
