import CLinux
import Primitives
import SystemTestSupport
import Testing

@testable import SystemIO

@Suite("Shared memory")
struct SharedMemoryTests {
  @Test("Contents are replaced as a whole, longer ones by shorter ones too")
  func replace() throws {
    let file = try SharedMemoryFile(name: "test")
    #expect(try file.contents() == [])
    let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    try file.replaceContents(with: large)
    #expect(try file.contents() == large)
    try file.replaceContents(with: [1, 2, 3])
    #expect(try file.contents() == [1, 2, 3])
    try file.replaceContents(with: [])
    #expect(try file.contents() == [])
  }

  @Test("A counter adds up until it is taken")
  func counter() throws {
    let counter = try EventCounter()
    #expect(counter.take() == 0)
    counter.add()
    counter.add(4)
    #expect(counter.take() == 5)
    #expect(counter.take() == 0)
  }
}

@Suite("Inotify")
struct InotifyTests {
  @Test("Files that are written, moved and deleted are reported")
  func changes() throws {
    let directory = try ScratchDirectory()
    let inotify = try Inotify()
    let number = try inotify.watch(directory.path)
    func change(_ name: String, _ kind: Inotify.Change.Kind) -> Inotify.Change {
      Inotify.Change(directory: number, name: name, kind: kind)
    }
    #expect(inotify.changes() == [])
    try directory.write("a", "1")
    #expect(inotify.changes() == [change("a", .written)])
    try FileSystem.replace(directory("a"), with: [], mode: 0o600)
    let replaced = inotify.changes()
    #expect(replaced.last == change("a", .written))
    FileSystem.remove(directory("a"))
    #expect(inotify.changes() == [change("a", .gone)])
  }

  @Test("Directories within are nobody's business, the end of the directory is")
  func directories() throws {
    let directory = try ScratchDirectory()
    try directory.directory("watched")
    let inotify = try Inotify()
    let number = try inotify.watch(directory("watched"))
    try directory.directory("watched/inner")
    FileSystem.removeDirectory(directory("watched/inner"))
    #expect(inotify.changes() == [])
    FileSystem.removeDirectory(directory("watched"))
    #expect(
      inotify.changes() == [Inotify.Change(directory: number, name: "", kind: .directoryGone)])
  }

  @Test("Only a directory can be watched")
  func file() throws {
    let directory = try ScratchDirectory()
    let inotify = try Inotify()
    let path = try directory.write("file", "")
    #expect(throws: Errno.notDirectory) { try inotify.watch(path) }
  }
}

@Suite("Keyed hashes", .enabled(if: KeyedHash() != nil))
struct KeyedHashTests {
  static let long = "Test Using Larger Than Block-Size Key - Hash Key First"
  static let longer =
    "This is a test using a larger than block-size key and a larger than block-size data. "
    + "The key needs to be hashed before being used by the HMAC algorithm."

  // RFC 2202 2, and empty ones.
  @Test(
    "HMAC-MD5 as in RFC 2202",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 16), Array("Hi There".utf8),
        "9294727a3638bb1c13f48ef8158bfc9d"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "750c783e6ab0b503eaa86e310a5db738"
      ),
      (
        [UInt8](repeating: 0xaa, count: 16), [UInt8](repeating: 0xdd, count: 50),
        "56be34521d144c88dbb8c733f0e8b3f6"
      ),
      (
        [UInt8](repeating: 0xaa, count: 80), Array(long.utf8), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"
      ),
      ([], [], "74e6f7298a9c2d168935f58c001bad88"),
    ])
  func md5(key: [UInt8], message: [UInt8], code: String) throws {
    let hash = try #require(KeyedHash())
    let middle = message.count / 2
    let whole = message.span
    let result: [16 of UInt8]? = hash.code(
      .md5, key: key.span, whole.extracting(..<middle), whole.extracting(middle...))
    let octets = try #require(result)
    #expect((0..<16).map { hex(octets[$0]) }.joined() == code)
  }

  // RFC 4231 4, and empty ones.
  @Test(
    "HMAC-SHA256 as in RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131), Array(long.utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131), Array(longer.utf8),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
      ),
      ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
  func sha256(key: [UInt8], message: [UInt8], code: String) throws {
    let hash = try #require(KeyedHash())
    let third = message.count / 3
    let whole = message.span
    let result: [32 of UInt8]? = hash.code(
      .sha256, key: key.span, whole.extracting(..<third), whole.extracting(third..<2 * third),
      whole.extracting((2 * third)...))
    let octets = try #require(result)
    #expect((0..<32).map { hex(octets[$0]) }.joined() == code)
  }
}
