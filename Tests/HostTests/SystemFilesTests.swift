import ConfigurationSyntax
import Host
import SystemIO
import SystemTestSupport
import Testing

@Suite("Configuration files on disk")
struct SystemFilesTests {
  let files = SystemFiles()

  func tree() throws -> ScratchDirectory {
    let tree = try ScratchDirectory()
    try tree.write("a.conf", "a")
    try tree.write("b.conf", "b")
    try tree.write("x.txt", "x")
    try tree.directory("d")
    try tree.write("d/c.conf", "c")
    try tree.directory("empty")
    try tree.link("dangling.conf", to: tree("none"))
    return tree
  }

  func match(_ pattern: String, _ tree: ScratchDirectory) -> PatternMatch {
    files.match(Array(pattern.utf8), in: Array(tree.path.utf8))
  }

  func found(_ names: [String], missing: Bool = false) -> PatternMatch {
    .found(names.map { Array($0.utf8) }, missingAlternatives: missing)
  }

  @Test("Relative names can mean what they meant in a directory that the process has left")
  func workingDirectory() {
    #expect(
      SystemFiles(workingDirectory: "/some/where").workingDirectory() == Array("/some/where".utf8))
    #expect(files.workingDirectory() == Array(FileSystem.workingDirectory.utf8))
  }

  @Test("Patterns find what is there, relative to the directory")
  func patterns() throws {
    let tree = try tree()
    #expect(match("?.conf", tree) == found(["a.conf", "b.conf"]))
    #expect(match("d/*", tree) == found(["d/c.conf"]))
    #expect(match("a.conf", tree) == found(["a.conf"]))
    #expect(match("*/c.conf", tree) == found(["d/c.conf"]))
    // Directories are marked.
    #expect(match("d", tree) == found(["d/"]))
    // A link that leads nowhere is a name like others.
    #expect(match("dang*", tree) == found(["dangling.conf"]))
  }

  @Test("An absolute pattern gives absolute names")
  func absolute() throws {
    let tree = try tree()
    let pattern = Array("\(tree.path)/?.conf".utf8)
    #expect(
      files.match(pattern, in: Array("/".utf8))
        == found([tree("a.conf"), tree("b.conf")]))
  }

  @Test("A name that is missing is told from a pattern without match")
  func missing() throws {
    let tree = try tree()
    #expect(match("none.conf", tree) == .missing)
    #expect(match("*.none", tree) == .noMatch)
    #expect(match("empty/*", tree) == .noMatch)
    #expect(match("none/*", tree) == .missing)
    #expect(match("{a,none}.conf", tree) == found(["a.conf"], missing: true))
    #expect(match("{a.conf,*.none}", tree) == found(["a.conf"]))
  }

  @Test("Wildcards in the name of the directory mean themselves")
  func escapedDirectory() throws {
    let tree = try ScratchDirectory()
    try tree.directory("[ab]*")
    try tree.directory("a")
    try tree.write("[ab]*/x.conf", "right")
    try tree.write("a/x.conf", "wrong")
    let directory = Array(tree("[ab]*").utf8)
    #expect(files.match(Array("*.conf".utf8), in: directory) == found(["x.conf"]))
    #expect(
      files.read(Array("x.conf".utf8), in: directory, limit: 10) == .bytes(Array("right".utf8)))
  }

  @Test("Only regular files that nobody can execute are read")
  func kinds() throws {
    let tree = try tree()
    try tree.write("run.conf", "x", mode: 0o755)
    try tree.fifo("fifo")
    func read(_ name: String, limit: Int = 100) -> FileContents {
      files.read(Array(name.utf8), in: Array(tree.path.utf8), limit: limit)
    }
    #expect(read("a.conf") == .bytes(Array("a".utf8)))
    #expect(read("d") == .isDirectory)
    #expect(read("run.conf") == .notRegular)
    #expect(read("fifo") == .notRegular)
    #expect(read("dangling.conf") == .notRegular)
    #expect(read("none") == .notRegular)
    #expect(read("a.conf/x") == .failed("Not a directory"))
    try tree.write("large", String(repeating: "x", count: 200))
    #expect(read("large") == .tooLarge)
    try tree.link("link.conf", to: "d/c.conf")
    #expect(read("link.conf") == .bytes(Array("c".utf8)))
    #expect(files.read(Array(tree("b.conf").utf8), in: [], limit: 9) == .bytes(Array("b".utf8)))
  }

  @Test("The directory of a file is told without links")
  func directory() throws {
    let tree = try tree()
    try tree.link("l", to: "d")
    func directory(_ name: String) -> DirectoryLookup {
      files.directory(of: Array(name.utf8), in: Array(tree.path.utf8))
    }
    #expect(directory("l/c.conf") == .path(Array(tree("d").utf8)))
    #expect(directory("none/c.conf") == .failed("No such file or directory"))
    #expect(directory("a.conf/c.conf") == .failed("Not a directory"))
  }
}
