import Testing

@testable import Host

@Suite("Brace expansion")
struct BraceExpansionTests {
  // What bash and glob(3) with GLOB_BRACE make of them.
  @Test(
    "Alternatives come in the order of the text",
    arguments: [
      ("plain", ["plain"]),
      ("", [""]),
      ("a{b,c}d", ["abd", "acd"]),
      ("{a,b}{c,d}", ["ac", "ad", "bc", "bd"]),
      ("{a,b{c,d}e}f", ["af", "bcef", "bdef"]),
      ("{,a}b", ["b", "ab"]),
      ("{a,}", ["a", ""]),
      ("{a}", ["a"]),
      ("{}", ["{}"]),
      ("x{}y{a,b}", ["x{}ya", "x{}yb"]),
      ("{a,b", ["{a,b"]),
      ("a,b}", ["a,b}"]),
      ("{a,{b,c}", ["{a,b", "{a,c"]),
      ("\\{a,b}", ["\\{a,b}"]),
      ("{a\\,b,c}", ["a\\,b", "c"]),
      ("{a,b\\}", ["{a,b\\}"]),
      ("a\\", ["a\\"]),
      ("{{a,b},c}", ["a", "b", "c"]),
      ("*.{conf,d/*}", ["*.conf", "*.d/*"]),
    ])
  func table(pattern: String, expected: [String]) throws {
    let alternatives = try #require(BraceExpansion.alternatives(of: Array(pattern.utf8)))
    #expect(alternatives.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test("Thousands of alternatives are fine, millions are refused")
  func tooMany() {
    let twelve = String(repeating: "{a,b}", count: 12)
    #expect(BraceExpansion.alternatives(of: Array(twelve.utf8))?.count == 4096)
    let forty = String(repeating: "{a,b}", count: 40)
    #expect(BraceExpansion.alternatives(of: Array(forty.utf8)) == nil)
    let wide = "{" + String(repeating: ",", count: 5000) + "}"
    #expect(BraceExpansion.alternatives(of: Array(wide.utf8)) == nil)
  }

  @Test("Braces without end are looked through quickly")
  func unclosed() {
    let open = String(repeating: "{", count: 2000)
    #expect(BraceExpansion.alternatives(of: Array(open.utf8)) == [Array(open.utf8)])
  }
}
