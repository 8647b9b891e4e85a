import SystemIO

/// The files of this repository, as text.
struct Repository {
  struct File: Sendable, CustomStringConvertible {
    /// From the root of the repository.
    let path: String
    let lines: [String]
    /// The lines without what stands in comments and in text.
    let code: [String]

    init(path: String, lines: [String]) {
      self.path = path
      self.lines = lines
      code = path.hasSuffix(".swift") ? Self.code(in: lines) : []
    }

    var description: String { path }
    var isSwift: Bool { path.hasSuffix(".swift") }

    /// `path:line` of each line for which `condition` holds, from 1 on.
    func places(where condition: (String) -> Bool) -> [String] {
      lines.enumerated().filter { condition($0.element) }.map { "\(path):\($0.offset + 1)" }
    }

    private static func code(in lines: [String]) -> [String] {
      var isInText = false
      return lines.map { line in
        if line.contains("\"\"\"") {
          let opens = !isInText
          isInText.toggle()
          return opens ? String(line.prefix { $0 != "\"" }) : ""
        }
        return isInText ? "" : code(of: line)
      }
    }

    private static func code(of line: String) -> String {
      var code: [UInt8] = []
      var isInText = false
      var previous = UInt8(ascii: " ")
      for byte in line.utf8 {
        if byte == UInt8(ascii: "\"") && previous != UInt8(ascii: "\\") { isInText.toggle() }
        if !isInText {
          if byte == UInt8(ascii: "/") && previous == byte {
            code.removeLast()
            break
          }
          code.append(byte)
        }
        previous = previous == UInt8(ascii: "\\") ? UInt8(ascii: " ") : byte
      }
      return String(decoding: code, as: UTF8.self)
    }
  }

  static let root: String = {
    // Tests/TidyTests/Repository.swift
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// All text files below some of the directories; files in them that are no text are left out.
  static func files(_ directories: String...) -> [File] {
    directories.flatMap { files(below: $0) }
  }

  private static func files(below path: String) -> [File] {
    let names = (try? FileSystem.names(in: "\(root)/\(path)")) ?? []
    return names.flatMap { name -> [File] in
      let inner = path.isEmpty ? name : "\(path)/\(name)"
      if name == ".git" || name.hasPrefix(".build") || name == "__pycache__" { return [] }
      let status = try? FileSystem.status("\(root)/\(inner)", followingLinks: false)
      switch status?.kind {
      case .directory: return files(below: inner)
      case .regular: return [file(inner)].compactMap { $0 }
      default: return []
      }
    }
  }

  private static func file(_ path: String) -> File? {
    guard let bytes = try? FileSystem.contents(of: "\(root)/\(path)"),
      let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0)
    else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return File(path: path, lines: lines)
  }

  static let sources = files("Sources").filter(\.isSwift)
  static let tests = files("Tests").filter(\.isSwift)
  static let everything = files("")
}
