import ConfigurationSyntax
import Testing

@Suite("Includes")
struct IncludeTests {
  private func files(_ text: String) -> MemoryFiles {
    let files = MemoryFiles(text: text)
    files.contents["/etc/keepalived/a.conf"] = .bytes(Array("list {\na\n}\nfoo\n".utf8))
    files.contents["/etc/keepalived/sub/b.conf"] = .bytes(
      Array("list { ${_PWD} }\ninclude c.conf".utf8))
    files.contents["/etc/keepalived/sub/c.conf"] = .bytes(Array("list { c }\n".utf8))
    files.contents["/etc/keepalived/x.sh"] = .notRegular
    files.contents["/etc/keepalived/secret"] = .failed("Permission denied")
    return files
  }

  @Test("An included file stands in the place of its line")
  func splice() {
    let reading = Reading(files("include a.conf\nbar\n"), views: [.parent, .vrrp])
    #expect(reading.lines == ["a"])
    #expect(
      reading.messages == [
        "(a.conf: Line 4) Unknown keyword 'foo'",
        "(keepalived.conf: Line 2) Unknown keyword 'bar'",
      ])
  }

  @Test("A child that reads alone, or a parent that reads twice, sees each file once")
  func readingOrder() {
    let text = "include a.conf\n"
    #expect(Reading(files(text), views: [.vrrp]).lines == ["a"])
    #expect(Reading(files(text), views: [.parent, .parent, .vrrp]).lines == ["a"])
  }

  @Test("Relative names start from the including file")
  func directories() {
    let reading = Reading(
      files("include sub/b.conf\nlist { ${_PWD} }\n"), views: [.parent, .vrrp])
    #expect(reading.lines == ["/etc/keepalived/sub", "c", "/etc/keepalived"])
    #expect(reading.messages == [])
  }

  @Test("Files come in once, also where the directive is not written out")
  func indirect() {
    let files = files("$I=include e\n@high include e\n$I\n~SEQ(i,1,2) include e\n")
    files.contents["/etc/keepalived/e"] = .bytes(Array("list { c }\n".utf8))
    let reading = Reading(files, views: [.parent, .vrrp])
    #expect(reading.notes[.parent]?.lines == ["c", "c", "c", "c"])
    #expect(reading.notes[.vrrp]?.lines == ["c", "c", "c", "c"])
  }

  @Test("Wildcards and braces find files in order")
  func patterns() {
    let reading = Reading(files("include sub/{c,b}*\n"), views: [.parent])
    #expect(reading.lines == ["c", "/etc/keepalived/sub", "c"])
  }

  @Test(
    "What is wrong with an include, and when that counts",
    arguments: [
      ("none.conf", "Config files missing 'none.conf'.", "mwa", true),
      ("{x1,x2}", "Config files missing '{x1,x2}'.", "ba", true),
      ("*.none", "No config files matched '*.none'.", "wa", false),
      ("{a.conf,x2}", "Some config files missing: \"{a.conf,x2}\".", "ba", true),
      ("sub", "Configuration file 'sub/' is a directory - skipping", "rmwba", true),
      (
        "x.sh", "Configuration file 'x.sh' is not a regular non-executable file - skipping",
        "rmwba", true
      ),
      (
        "secret", "Configuration file 'secret' open problem (Permission denied) - skipping",
        "rmwba", true
      ),
    ])
  func faults(pattern: String, message: String, letters: String, shown: Bool) {
    for letter in ["", "r", "m", "w", "b", "a"] {
      let reading = Reading(files("include\(letter) \(pattern)\n"))
      let isRefused = !letter.isEmpty && letters.contains(letter)
      let first = reading.context.diagnostics.first
      #expect(first?.message == message)
      #expect(
        first?.class == (isRefused ? .include : shown ? .message : .note), "include\(letter)")
      let status = ReadingExitStatus.test(reading.context.highestClass)
      let hasFoo = reading.messages.contains { $0.contains("foo") }
      #expect(status == (isRefused ? 6 : hasFoo ? 5 : 0))
    }
  }

  @Test("Not every word that begins like it is an include")
  func otherWords() {
    let reading = Reading(files("include\ninclude: a.conf\nincludex a.conf\nINCLUDE a.conf\n"))
    #expect(reading.messages.count == 4)
    #expect(reading.messages.allSatisfy { $0.contains("Unknown keyword") })
  }

  @Test("include_check in a file ends with it")
  func checksEnd() {
    let files = files("include d.conf\ninclude none1\n")
    files.contents["/etc/keepalived/d.conf"] = .bytes(Array("check\ninclude none2\n".utf8))
    let reading = Reading(files)
    #expect(reading.context.diagnostics.map(\.class) == [.include, .message])
    #expect(ReadingExitStatus.start(reading.context.highestClass) == 6)
  }

  @Test("A file of the command line that is missing is no fault for the test, unless all counts")
  func topLevel() {
    let missing = Reading(files(""), pattern: "none.conf")
    #expect(missing.messages == ["Config files missing 'none.conf'."])
    #expect(ReadingExitStatus.test(missing.context.highestClass) == 0)
    let strict = Reading(files(""), pattern: "none.conf", checks: .all)
    #expect(ReadingExitStatus.test(strict.context.highestClass) == 4)
  }

  @Test("Several files of the command line are one text, and all places have a file's name")
  func severalFiles() {
    let reading = Reading(files("foo\n"), pattern: "*.conf")
    #expect(
      reading.messages == [
        "WARNING, multiple configuration file matches of *.conf, starting with a.conf",
        "(a.conf: Line 4) Unknown keyword 'foo'",
        "(keepalived.conf: Line 1) Unknown keyword 'foo'",
      ])
  }

  @Test("An include in a multi-line definition ends it for the children")
  func includeInDefinition() {
    let text = "$M=list { \\\n include sub/c.conf\\\n x }\nline\n$M\n}\n"
    let reading = Reading(files(text), views: [.parent, .vrrp])
    #expect(reading.stop == nil)
    #expect(reading.messages.contains("(keepalived.conf: Line 3) Unknown keyword 'x'"))
  }
}
