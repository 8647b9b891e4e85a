import Testing

/// Rules that a search can hold.
@Suite("Tidiness")
struct TidyTests {
  static let swift = Repository.sources + Repository.tests

  func lines(_ files: [Repository.File], with words: String...) -> [String] {
    files.flatMap { file in
      let code = file.code
      return code.indices.filter { index in words.contains { code[index].contains($0) } }
        .map { "\(file.path):\($0 + 1)" }
    }
  }

  @Test("There is something to look at")
  func found() {
    #expect(Repository.sources.count > 100)
    #expect(Repository.tests.count > 20)
    #expect(Repository.everything.count > Self.swift.count)
  }

  @Test("No line is longer than 100 columns")
  func lineLength() {
    #expect(Self.swift.flatMap { $0.places { $0.utf8.count > 100 && $0.count > 100 } } == [])
  }

  @Test("No tabs, and no blanks at the end of a line")
  func blanks() {
    #expect(Self.swift.flatMap { $0.places { $0.contains("\t") || $0.hasSuffix(" ") } } == [])
  }

  @Test("Each file ends with one line feed")
  func lastLine() {
    let wrong = Self.swift.filter { $0.lines.last != "" || $0.lines.dropLast().last == "" }
    #expect(wrong.map(\.path) == [])
  }

  @Test("The daemon needs neither Foundation nor Dispatch")
  func imports() {
    let files = Repository.sources
    #expect(lines(files, with: "import Foundation", "import Dispatch", "import XCTest") == [])
  }

  @Test("Unsafe code stands where system calls are made")
  func unsafeCode() {
    let files = Repository.sources.filter { file in
      !["SystemIO", "Kernel"].contains { file.path.hasPrefix("Sources/\($0)/") }
    }
    #expect(lines(files, with: "unsafe ", "unsafe(", "@unchecked", "@safe") == [])
  }

  @Test("Nothing is forced")
  func forced() {
    let places = Self.swift.flatMap { file in
      zip(file.code, 1...).filter { line, _ in Self.forces(line) }.map { "\(file.path):\($0.1)" }
    }
    #expect(places == [])
    #expect(Self.forces("try! x") && Self.forces("y as! Z") && Self.forces("a.b!.c"))
    #expect(Self.forces("f()!") && Self.forces("list[0]!") && !Self.forces("if !a && b != c"))
  }

  /// A `!` right behind a name or a bracket.
  private static func forces(_ line: String) -> Bool {
    var previous: Character = " "
    for character in line {
      if character == "!", previous.isLetter || previous.isNumber || ")]_".contains(previous) {
        return true
      }
      previous = character
    }
    return false
  }

  @Test("Nothing is public")
  func access() {
    #expect(lines(Self.swift, with: "public ", "open class", "open func") == [])
  }

  @Test("Nothing is left to do, nothing is printed")
  func leftovers() {
    // In two parts, so that this file does not hold what it looks for.
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
    #expect(Self.swift.flatMap { $0.places { line in marks.contains { line.contains($0) } } } == [])
    #expect(lines(Repository.sources, with: " print(", "debugPrint(", "dump(self") == [])
  }

  @Test("No function is longer than 70 lines")
  func functionLength() {
    #expect(Self.swift.flatMap(Self.longFunctions) == [])
  }

  /// Functions and initialisers whose closing brace is more than 70 lines away, by indentation:
  /// swift-format has put it below the first word. One that is a single switch is a table.
  private static func longFunctions(_ file: Repository.File) -> [String] {
    let code = file.code
    var found: [String] = []
    for (start, line) in code.enumerated() where isFunction(line) {
      let indentation = String(line.prefix { $0 == " " })
      guard let opening = opening(of: start, indentation, in: code) else { continue }
      let first = code[opening + 1].drop { $0 == " " }
      if first.hasPrefix("switch self") { continue }
      let end = code[(opening + 1)...].firstIndex { $0.hasPrefix(indentation + "}") }
      if let end, end - start > 70 { found.append("\(file.path):\(start + 1)") }
    }
    return found
  }

  private static func isFunction(_ line: String) -> Bool {
    line.contains("func ") || line.contains(" init(") || line.contains(" init?(")
  }

  /// The line with the opening brace; nil for a requirement of a protocol, which has none.
  private static func opening(of start: Int, _ indentation: String, in code: [String]) -> Int? {
    for (index, line) in code.enumerated().dropFirst(start).prefix(10) {
      if index > start && isFunction(line) { return nil }
      if line.hasPrefix(indentation), line.hasSuffix("{"), index + 1 < code.count { return index }
      if line.hasSuffix("}") { return nil }
    }
    return nil
  }

  @Test("Each file of the program says what it is for")
  func comments() {
    let mute = Repository.sources.filter { file in
      !file.lines.contains { $0.contains("///") || $0.hasPrefix("// ") }
    }
    #expect(mute.map(\.path) == [])
  }

  @Test("No file speaks of the machine that it was written on")
  func machine() {
    let names = ["/" + "work/", "shared" + "/", "/" + "root/keepalived"]
    #expect(
      Repository.everything.flatMap { file in
        file.places { line in names.contains { line.contains($0) } }
      } == [])
  }
}
