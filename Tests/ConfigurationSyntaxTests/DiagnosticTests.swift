import ConfigurationSyntax
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
  private let place = SourceLocation(file: "k.conf", line: 3, column: 6)

  @Test("Without a terminal a diagnostic is one line")
  func plain() {
    let fault = Diagnostic(
      .unknownKeyword, "Unknown keyword 'fo'", at: place, expected: "did you mean 'foo'?",
      excerpt: "    fo 1")
    #expect(
      fault.rendered() == "(k.conf: Line 3) Unknown keyword 'fo' - did you mean 'foo'?")
  }

  @Test("A terminal gets the line, and a caret below the place")
  func terminal() {
    let fault = Diagnostic(.general, "wrong", at: place, excerpt: "\tab  cd")
    let style = Diagnostic.Style(hasExcerpt: true, hasColor: false)
    #expect(fault.rendered(style) == "(k.conf: Line 3) wrong\n  3 | \tab  cd\n      \t    ^")
    #expect(fault.rendered(.terminal).hasPrefix("\u{1b}[31m(k.conf: Line 3) wrong\u{1b}[0m\n"))
  }

  @Test("Hints are marked, and what steers a terminal is made visible")
  func hints() {
    let fault = Diagnostic(.hint, "a\u{1b}[2Jb\nc", at: place)
    #expect(fault.rendered() == "hint: (k.conf: Line 3) a\\x1b[2Jb\\x0ac")
  }

  @Test("Words know their columns")
  func columns() {
    let reading = Reading("block b {\n  number 1x\n}\n")
    let fault = reading.context.diagnostics.first
    #expect(fault?.location?.column == 10)
    #expect(fault?.excerpt == "  number 1x")
    #expect(fault?.expected == nil)
  }

  @Test("Where there is no line number, there is no prefix")
  func prefixes() {
    #expect(SourceLocation(file: "a", line: 0, column: 0).prefix == "")
    #expect(SourceLocation(file: nil, line: 2, column: 0).prefix == "(Line 2) ")
    #expect(SourceLocation(file: "a", line: 2, column: 0).prefix == "(a: Line 2) ")
  }

  @Test(
    "The highest class decides the status of the configuration test",
    arguments: [
      (.hint, 0), (.note, 0), (.message, 0), (.fileNotFound, 4), (.badInterface, 4), (.fatal, 4),
      (.multipleFiles, 5), (.unknownKeyword, 5), (.invalidNumber, 5), (.general, 5),
      (.warning, 5), (.deprecated, 5), (.security, 6), (.include, 6),
    ] as [(Diagnostic.Class, Int32)])
  func status(highest: Diagnostic.Class, status: Int32) {
    #expect(ReadingExitStatus.test(highest) == status)
  }

  @Test(
    "The nearest word",
    arguments: [
      ("vrrp_instnace", "vrrp_instance"), ("prority", "priority"), ("x", nil),
      ("virtual_server", "virtual_server"), ("", nil), ("completely_other", nil),
    ] as [(String, String?)])
  func nearest(word: String, expected: String?) {
    let words = ["priority", "vrrp_instance", "virtual_server", "virtual_router_id"]
    #expect(NearestWord.nearest(to: word, among: words) == expected)
  }

  @Test("A row without an effect, or with a newer spelling, is hinted at once")
  func rowHints() throws {
    let table = KeywordTable<Int>(
      "root",
      [
        Keyword("old", "", effect: .deprecated(use: "new"), "Old.") { _, _, _ in },
        Keyword("idle", "", effect: .none, "Nothing.") { _, _, _ in },
      ])
    let context = ReadingContext(strictness: .test)
    let files = MemoryFiles(text: "old\nold\nidle\n")
    let reading = ConfigurationReading(
      Array("keepalived.conf".utf8), files: files, context: context)
    var tree = 0
    try reading.read(as: .parent, table, into: &tree)
    #expect(
      context.diagnostics.map { $0.rendered() } == [
        "hint: (Line 1) 'old' is deprecated - please use 'new'",
        "hint: (Line 3) 'idle' is read, but has no effect yet",
      ])
    #expect(ReadingExitStatus.test(context.highestClass) == 0)
  }
}
