import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("Regular expressions of HTTP_GET")
struct RegexTests {
  static let found = CheckResult.passed(proof: "Regex match success to")
  static let missing = CheckResult.failed(detail: "Regex match failed")
  static let head = "HTTP/1.0 200 OK\r\n\r\n"

  /// Checks a server that sends the pieces one after the other.
  func result(
    _ pattern: String, _ pieces: [String], on bench: Bench? = nil,
    change: (inout HTTPCheck.Regex) -> Void = { _ in }
  ) throws -> CheckResult? {
    let tests = HTTPTests()
    var regex = HTTPCheck.Regex(pattern: Array(pattern.utf8))
    change(&regex)
    return try tests.result(on: bench, change: { $0.regex = regex }) { peer in
      peer.send(pieces.map { Array($0.utf8) }, every: .milliseconds(20)) { peer.close() }
    }
  }

  @Test(
    "What touches the end counts only with more behind it",
    arguments: [
      ("ab$", ["ab"], false), ("ab$", ["ab\n"], false), ("ab\\b", ["ab"], false),
      ("ab\\b", ["ab "], true), ("a.*c", ["abc"], false), ("a.*c", ["abc\n"], true),
      ("a.*?c", ["abc"], true), ("abc", ["a", "b", "c"], true), ("a.*?c", ["a", "b", "c"], true),
      ("f.*j", ["fg", "hi", "j"], false), ("(?<=xy)z.", ["xy", "z", "1"], true),
      ("xyz", [], false),
    ])
  func ends(pattern: String, pieces: [String], isFound: Bool) throws {
    let expected = isFound ? Self.found : Self.missing
    #expect(try result(pattern, [Self.head] + pieces) == expected)
    let negated = try result(pattern, [Self.head] + pieces) { $0.isNegated = true }
    #expect(negated == (isFound ? Self.missing : Self.found))
  }

  @Test("The head is looked at if it comes with some of the body")
  func head() throws {
    #expect(try result("200 OK", [Self.head + "x"]) == Self.found)
    #expect(try result("200 OK", [Self.head, "x"]) == Self.missing)
    #expect(try result("200 OK", [Self.head]) == Self.missing)
  }

  @Test("A match begins between the offsets")
  func offsets() throws {
    let pieces = [Self.head, "0123ab6789ab", "ab."]
    for (least, most, expected) in [
      (UInt64(0), UInt64(4), Self.found), (0, 3, Self.missing), (5, 10, Self.found),
      (5, 9, Self.missing), (11, 12, Self.found), (13, 99, Self.missing),
      (.max, .max, Self.missing),
    ] {
      let result = try result("ab", pieces) {
        $0.minOffset = least
        $0.maxOffset = most
      }
      #expect(result == expected)
    }
  }

  @Test("Options are those of PCRE2")
  func options() throws {
    #expect(try result("A B", [Self.head, "ab."]) == Self.missing)
    let result = try result("A B", [Self.head, "ab."]) { $0.options = ["caseless", "extended"] }
    #expect(result == Self.found)
    let utf = try self.result("^.{3}x", [Self.head, "\u{e4}\u{f6}\u{fc}x."]) {
      $0.options = ["utf"]
    }
    #expect(utf == Self.found)
  }

  @Test("A body that is no UTF-8 is no trap for a pattern that is")
  func invalid() throws {
    let result = try HTTPTests().result(change: { url in
      var regex = HTTPCheck.Regex(pattern: Array("a.c".utf8))
      regex.options = ["utf", "ucp"]
      url.regex = regex
    }) { peer in
      peer.send(Array(Self.head.utf8) + [0xff, 0xc3, 0x28, 0x80] + Array("abc-".utf8) + [0xc3])
      peer.close()
    }
    #expect(result == Self.found)
  }

  @Test("A wrong expression never matches, and is logged once")
  func wrong() throws {
    let bench = try Bench()
    #expect(try result("a(b", [Self.head, "a(b."], on: bench) == Self.missing)
    let negated = try result("a(b", [Self.head, "a(b."], on: bench) { $0.isNegated = true }
    #expect(negated == Self.found)
    #expect(
      bench.directory.logged == [
        "Invalid regex: 'a(b' at offset 3: missing closing parenthesis"
      ])
  }

  @Test("A pattern that would take for ever is given up")
  func catastrophic() throws {
    let start = Clock.now
    let body = String(repeating: "a", count: 3000) + "\n"
    #expect(try result("(a+)+b(c|d)", [Self.head, body, body]) == Self.missing)
    // Nobody knows whether it would have matched.
    let negated = try result("(a+)+b(c|d)", [Self.head, body, body]) { $0.isNegated = true }
    #expect(negated == Self.missing)
    #expect(Clock.now - start < .seconds(15))
  }

  @Test("A partial match that would fill the buffer is let go of")
  func tooLong() throws {
    let bench = try Bench()
    let piece = String(repeating: "a", count: 3000)
    let result = try result("xa[^b]*?b", [Self.head, "x" + piece, piece, "b."], on: bench)
    #expect(result == Self.missing)
    #expect(bench.directory.logged == ["Regex partial match preserve too large - discarding"])
  }
}
