import Logging
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("Groups that may have ping sockets")
struct PingGroupRangeTests {
  let directory: ScratchDirectory

  init() throws { directory = try ScratchDirectory() }

  /// What stands there while it is needed, and after it.
  func admit(_ original: String) throws -> [String?] {
    let path = try directory.write("range", original)
    let range = PingGroupRange(path, log: directory.log())
    range.admitRoot()
    range.admitRoot()
    let during = FileSystem.line(of: path)
    range.restore()
    return [during, FileSystem.line(of: path)]
  }

  @Test("The lower bound becomes 0, and is put back")
  func lowered() throws {
    #expect(try admit("1\t0\n") == ["0\t0", "1\t0"])
    #expect(try admit("5 9\n") == ["0\t9", "5\t9"])
  }

  @Test("What admits root already, or cannot be read, is left alone")
  func leftAlone() throws {
    for text in ["0\t2147483647", "0 0", "", "1", "1 x", "-1 5", "99999999999 1"] {
      #expect(try admit(text + "\n") == [text, text])
    }
  }
}
