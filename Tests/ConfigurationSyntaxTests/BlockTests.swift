import ConfigurationSyntax
import Testing

@Suite("Blocks")
struct BlockTests {
  private func messages(_ text: String) -> [String] { Reading(text).messages }

  @Test("Closing braces too many")
  func extraClosingBraces() {
    #expect(
      messages("}\n{\n}\nfoo }\n") == [
        "(Line 1) Extra '}' found", "(Line 1) Unknown keyword '}'",
        "(Line 2) Unexpected '{' - ignoring", "(Line 3) Unknown keyword '}'",
        "(Line 4) Unknown keyword 'foo'", "(Line 4) Extra '}' found",
        "(Line 4) Unknown keyword '}'",
      ])
  }

  @Test("Closing braces too few end all blocks at the end of the text")
  func missingClosingBraces() {
    let reading = Reading("block a {\ninner {\nleaf\n")
    #expect(reading.messages == ["There are 2 missing '}'s or extra '{'s"])
    #expect(
      reading.notes[.parent]?.statements == [
        "block a", "inner", "leaf", "end inner", "end block",
      ])
    #expect(ReadingExitStatus.test(reading.context.highestClass) == 5)
  }

  @Test("Without an opening brace the next line is the first of the block")
  func missingOpeningBrace() {
    let reading = Reading("block a\nflag\n}\n")
    #expect(
      reading.messages == [
        "(Line 2) Missing '{' at beginning of configuration block", "(Line 3) Extra '}' found",
      ])
    #expect(reading.notes[.parent]?.statements == ["block a", "flag", "end block"])
  }

  @Test("A block keyword at the end of the text needs no block")
  func blockAtEnd() { #expect(messages("block a\n") == []) }

  @Test("An unknown keyword's block is read as a part of the block around it")
  func unknownBlock() {
    let reading = Reading("block a {\nunknown {\nflag\n}\nflag\n}\n")
    #expect(
      reading.messages == [
        "(Line 2) Unknown keyword 'unknown'", "(Line 2) Unexpected '{' - ignoring",
        "(Line 5) Unknown keyword 'flag'", "(Line 6) Unknown keyword '}'",
      ])
    #expect(reading.notes[.parent]?.statements == ["block a", "flag", "end block"])
  }

  @Test("Another process's block is passed over and noted")
  func foreign() {
    let reading = Reading("other x {\nfoo { bar }\n}\nother\nline a\n")
    #expect(reading.messages == [])
    #expect(reading.notes[.parent]?.foreign == ["other", "other"])
    #expect(reading.notes[.parent]?.statements == ["line a"])
  }

  @Test("A refused block is passed over, with quotes still looked at")
  func refused() {
    let reading = Reading("refused {\n foo {\n }\n \"bar\n}\nline\n", views: [.vrrp])
    #expect(reading.notes[.vrrp]?.statements == ["refused", "line"])
    #expect(
      reading.messages == [
        "(keepalived.conf: Line 4) Unterminated quote '\"bar'",
        "(keepalived.conf: Line 4) Unmatched quote: '\"bar'",
      ])
  }

  @Test("A list takes every line, and one word too many is told of")
  func list() {
    let reading = Reading("list a b {\nx y\n{\n}\nline\n")
    #expect(reading.lines == ["x|y", "{"])
    #expect(
      reading.messages == [
        "(Line 1) Block list has extra parameters a ...",
        "There are 1 missing '}'s or extra '{'s",
      ])
  }

  @Test("A list without an opening brace takes the next line, and only the log tells")
  func listWithoutBrace() {
    let reading = Reading("list\nx\n}\n")
    #expect(reading.lines == ["x"])
    #expect(
      reading.context.diagnostics.map(\.class) == [.note, .unexpectedClosingBrace])
  }

  @Test("A quoted brace ends a block like one without quotes, but is not counted")
  func quotedBrace() {
    let reading = Reading("block a {\n\"}\"\nline\n")
    #expect(reading.notes[.parent]?.statements == ["block a", "end block", "line"])
    #expect(reading.messages == ["There are 1 missing '}'s or extra '{'s"])
  }

  @Test("A missing word ends the reading with status 2")
  func missingWord() throws {
    let reading = Reading("named\nfoo\n")
    #expect(
      reading.messages == [
        "(Line 1) *** Configuration line starting `named` is missing a parameter after keyword "
          + "`named` at word position 2"
      ])
    let stop = try #require(reading.stop)
    #expect(ReadingExitStatus.test(reading.context.highestClass, stop: stop) == 2)
    #expect(ReadingExitStatus.start(reading.context.highestClass, stop: stop) == 2)
  }

  @Test("An unknown keyword comes with the nearest one")
  func nearest() {
    let reading = Reading("lime a\nblock b {\nnumbre 1\nzzz\n}\n")
    #expect(
      reading.context.diagnostics.map(\.expected) == [
        "did you mean 'line'?", "did you mean 'number'?", nil,
      ])
  }

  @Test("A fault that several views find is kept once, with the file's name")
  func once() {
    let reading = Reading("foo\n", views: ReadingView.allCases)
    #expect(reading.messages == ["(keepalived.conf: Line 1) Unknown keyword 'foo'"])
  }
}
