import ConfigurationSyntax
import Testing

@Suite("Physical lines")
struct PhysicalLineTests {
  @Test(
    "Comments end a line outside double quotes only",
    arguments: [
      ("e#f", ["e"]), ("a !b", ["a"]), (##""m\#n""##, [##"m\#n"##]), ("a \"x!y\" #z", ["a|x!y"]),
      ("a\\#b", ["a#b"]), (#"a\!b"#, ["a!b"]), ("'a#b'", ["'a"]), (#"a\xb"#, [#"a\xb"#]),
      (#"s   \"#, [#"s\"#]), (#"t # c \"#, ["t"]), ("#", []), ("  \t ", []),
    ])
  func comments(text: String, expected: [String]) {
    #expect(Reading.logicalLines("", text) == expected)
  }

  @Test("The children see a comment in what the parent made of an escaped hash")
  func childrenSeeComment() {
    let reading = Reading("list {\na\\#b\n}\n", views: [.parent, .vrrp])
    #expect(reading.notes[.parent]?.lines == ["a#b"])
    #expect(reading.notes[.vrrp]?.lines == ["a"])
  }

  @Test(
    "Words end at white space and at quotes",
    arguments: [
      (#"v"w x"y"#, ["v|w x|y"]), (#"a "" b"#, ["a||b"]), ("a\u{c}b\u{b}c", ["a|b|c"]),
      ("a\r", ["a"]), ("it's", ["it's"]),
    ])
  func words(text: String, expected: [String]) {
    #expect(Reading.logicalLines("", text) == expected)
  }

  @Test(
    "A brace is a line of its own, wherever it stands",
    arguments: [
      "block a { flag }", "block a {\nflag\n}", "block a\n{ flag\n}", "block a{flag}",
      "block a\n\n{flag}", "\"block\" a {flag }",
    ])
  func bracePlacement(text: String) {
    let reading = Reading(text + "\nline\n")
    #expect(reading.notes[.parent]?.statements == ["block a", "flag", "end block", "line"])
    #expect(reading.messages == [])
  }

  @Test("A line of 1022 characters is read, and a longer one is cut")
  func lineLength() {
    let longest = String(repeating: "x", count: 1022)
    #expect(Reading.logicalLines("", longest) == [longest])
    let reading = Reading("line a\n" + longest + "yz\nfoo\n")
    #expect(
      reading.messages == [
        "(Line 1) line too long - ignoring", "(Line 3) Unknown keyword 'z'",
        "(Line 4) Unknown keyword 'foo'",
      ])
  }

  @Test("A line with a NUL is left out, and the line before it is named")
  func embeddedNUL() {
    let reading = Reading("line a\nfoo\0bar\nbaz\n")
    #expect(
      reading.messages == [
        "(Line 1) configuration appears to have embedded NULs - ignoring line",
        "(Line 3) Unknown keyword 'baz'",
      ])
  }

  @Test("An odd number of quotes is reported by all, a quote without a partner by the children")
  func quotes() {
    let parent = Reading("line \"a b\nline x\n")
    #expect(parent.messages == [#"(Line 1) Unterminated quote 'line "a b'"#])
    let both = Reading("line \"a b\n", views: [.parent, .vrrp])
    #expect(
      both.messages == [
        #"(keepalived.conf: Line 1) Unterminated quote 'line "a b'"#,
        #"(keepalived.conf: Line 1) Unmatched quote: 'line "a b'"#,
      ])
    #expect(both.notes[.vrrp]?.statements == ["line"])
  }

  @Test("A quote without a partner is no fault of a script line that has a command")
  func quotesOfScripts() {
    let text = "block b {\nscript \"a\\\"b\"\nflag \"a\\\"b\"\n}\n"
    let reading = Reading(text, views: [.vrrp])
    #expect(
      reading.messages == [
        #"(keepalived.conf: Line 3) Unmatched quote: 'flag "a\"b"'"#
      ])
  }

  @Test("The last line needs no newline")
  func lastLine() {
    let reading = Reading("foo\nbar")
    #expect(
      reading.messages == ["(Line 1) Unknown keyword 'foo'", "(Line 2) Unknown keyword 'bar'"])
  }
}
