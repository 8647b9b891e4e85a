package import ConfigurationSyntax
import SystemIO

/// Configuration files as they are on this machine.
package final class SystemFiles: ConfigurationFiles {
  private let home: String?

  /// `workingDirectory` is what the name of the first file is relative to; nil: that of the
  /// process.
  package init(workingDirectory: String? = nil) { home = workingDirectory }

  package func workingDirectory() -> [UInt8] {
    Array((home ?? FileSystem.workingDirectory).utf8)
  }

  package func match(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch {
    guard let alternatives = BraceExpansion.alternatives(of: pattern) else { return .failed(1) }
    var found: [[UInt8]] = []
    var isMissing = false
    var isUnmatched = false
    for alternative in alternatives {
      switch matchAlternative(alternative, in: directory) {
      case .found(let paths, _): found += paths
      case .missing: isMissing = true
      case .noMatch: isUnmatched = true
      case .failed(let status): return .failed(status)
      }
    }
    if !found.isEmpty { return .found(found, missingAlternatives: isMissing) }
    return isMissing || !isUnmatched ? .missing : .noMatch
  }

  private func matchAlternative(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch {
    let isAbsolute = pattern.first == UInt8(ascii: "/")
    let prefix = isAbsolute ? [] : Self.escaped(directory) + [UInt8(ascii: "/")]
    let dropped = isAbsolute ? 0 : directory.count + 1
    do throws(Glob.Failure) {
      let paths = try Glob.paths(matching: prefix + pattern)
      return .found(paths.map { Array($0.dropFirst(dropped)) }, missingAlternatives: false)
    } catch {
      switch error {
      case .failed(let status): return .failed(status)
      case .noMatch: return namesExist(pattern, prefix: prefix) ? .noMatch : .missing
      }
    }
  }

  /// Whether everything before the last component with a wildcard is there.
  private func namesExist(_ pattern: [UInt8], prefix: [UInt8]) -> Bool {
    let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]
    guard let wildcard = pattern.lastIndex(where: wildcards.contains) else { return false }
    guard let slash = pattern[..<wildcard].lastIndex(of: UInt8(ascii: "/")) else { return true }
    if pattern[wildcard...].contains(UInt8(ascii: "/")) { return false }
    return (try? Glob.paths(matching: prefix + pattern[...slash])) != nil
  }

  private static func escaped(_ path: [UInt8]) -> [UInt8] {
    path.flatMap { "\\*?[]".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
  }

  package func read(_ path: [UInt8], in directory: [UInt8], limit: Int) -> FileContents {
    let path = absolute(path, in: directory)
    do throws(Errno) {
      let file = try FileDescriptor.openForReading(path)
      let status = try FileStatus(of: file)
      if status.kind == .directory { return .isDirectory }
      if status.kind != .regular || status.mode & 0o111 != 0 { return .notRegular }
      return .bytes(try FileSystem.contents(of: file, limit: limit))
    } catch {
      if error == .tooLarge { return .tooLarge }
      if error == .noEntry { return .notRegular }
      return .failed(error.description)
    }
  }

  package func directory(of path: [UInt8], in directory: [UInt8]) -> DirectoryLookup {
    let whole = absolute(path, in: directory)
    let parent = whole.lastIndex(of: "/").map { String(whole[...$0]) } ?? "/"
    do throws(Errno) {
      let status = try FileSystem.status(parent)
      if status.kind != .directory { return .failed(Errno.notDirectory.description) }
      return .path(Array(try FileSystem.realPath(parent).utf8))
    } catch { return .failed(error.description) }
  }

  package func environment(_ name: [UInt8]) -> [UInt8]? {
    Environment[String(decoding: name, as: UTF8.self)].map { Array($0.utf8) }
  }

  package func nodeName() -> [UInt8] { Array(SystemName().node.utf8) }

  package func randomSeed() -> UInt64 { KernelRandom.number }

  private func absolute(_ path: [UInt8], in directory: [UInt8]) -> String {
    if path.first == UInt8(ascii: "/") { return String(decoding: path, as: UTF8.self) }
    return String(decoding: directory + [UInt8(ascii: "/")] + path, as: UTF8.self)
  }
}
