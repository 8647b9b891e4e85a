import ConfigurationSyntax
import Testing

@Suite("Definitions, conditions, sequences")
struct DefinitionTests {
  @Test(
    "A name without braces counts in front of a blank, a comma, a parenthesis or the end",
    arguments: [
      ("$A", ["v"]), ("$A|", ["$A|"]), ("$A/x", ["$A/x"]), ("$A;", ["$A;"]), ("$A,", ["v,"]),
      ("($A)", ["(v)"]), ("$A\tb", ["v|b"]), ("a${A}b", ["avb"]), ("$U", ["$U"]),
      ("\"$A\"", ["$A"]), ("'${A}'", ["'v'"]),
    ])
  func references(text: String, expected: [String]) {
    #expect(Reading.logicalLines("$A=v", text) == expected)
  }

  @Test("A value is bound where it is used, and may be empty or hold quotes and braces")
  func values() {
    #expect(Reading.logicalLines("$A=x $B\n$B=1", "$A") == ["x|1"])
    #expect(Reading.logicalLines("$A=", "a${A}b $A") == ["ab"])
    #expect(Reading.logicalLines("$A= \"p q\" r", "$A") == ["p q|r"])
    #expect(Reading.logicalLines("$A =x", "y") == ["y"])
  }

  @Test("A multi-line definition counts only at the end of a line")
  func linesAtEnd() {
    #expect(
      Reading.logicalLines("$M=a \\\nb", "$M x\n\"p $M\"\ny ${M}") == [
        "$M|x", "p $M", "y|a", "b",
      ])
  }

  @Test("A value that begins on the next line has no first line of its own")
  func laterBeginning() {
    #expect(Reading.logicalLines("$M= \\\nm1 \\\nm2", "x $M") == ["x|m1", "m2"])
    #expect(Reading.logicalLines("$M= \\\nm1", "$M x") == ["m1|x"])
    #expect(Reading.logicalLines("$M=m1 \\\n\n", "$M x") == ["$M|x"])
    #expect(Reading.logicalLines("$M= \\\n~SEQ(i,1,2) u${i} \\\nv", "$M") == ["u1", "u2", "v"])
    #expect(Reading.logicalLines("$M= \\\n~SEQ(i,1,2) u${i}", "@high ${M}") == ["u1", "u2"])
    #expect(Reading.logicalLines("$M= \\\n@low a \\\n@high b", "$M") == ["b"])
    #expect(Reading.logicalLines("$M=@high a \\\n@high b", "$M") == ["@high|a", "b"])
  }

  @Test("A reference that a substituted comment has left at the end counts")
  func referenceBeforeComment() {
    #expect(Reading.logicalLines("$M=m1 \\\nm2", "$M ${_HASH} x") == ["m1", "m2"])
  }

  @Test("A comment in a multi-line definition ends it for the children only")
  func commentInDefinition() {
    let text = "$M=a \\\n# c\n b\nlist {\n$M\n}\n"
    let reading = Reading(text, views: [.parent, .vrrp])
    #expect(reading.notes[.parent]?.lines == ["a", "b"])
    #expect(reading.notes[.vrrp]?.lines == ["a"])
    #expect(reading.messages == ["(keepalived.conf: Line 3) Unknown keyword 'b'"])
  }

  @Test("An empty line ends a multi-line definition")
  func emptyLine() {
    #expect(Reading.logicalLines("$M=a \\\n b \\\n\n", "$M") == ["a", "b"])
    #expect(Reading.logicalLines("$M= \\\n \\\n a", "$M") == ["a"])
    #expect(Reading.logicalLines("$M= \\\n\n", "x$M y ${M}") == ["x|y"])
  }

  @Test("Predefined names")
  func predefined() {
    let files = MemoryFiles(
      text: "list {\n${_PWD} ${_INSTANCE} \"${_HASH}${_BANG}\" ${_ENV HOME} x${_ENV NONE}\n}\n")
    files.environmentVariables["HOME"] = "/root"
    #expect(Reading(files).lines == ["/etc/keepalived|high|#!|/root|x"])
    #expect(Reading.logicalLines("$_PWD=over", "$_PWD a${_HASH}b") == ["over|a"])
  }

  @Test("Random numbers are the same for all views, and in their range")
  func random() throws {
    let text = "list {\n${_RANDOM} ${_RANDOM 5} ${_RANDOM 10 12} ${_RANDOM 7 7}\n}\n"
    let reading = Reading(text, views: [.parent, .vrrp])
    #expect(reading.notes[.parent] == reading.notes[.vrrp])
    let numbers = reading.lines[0].split(separator: "|").compactMap { Int($0) }
    #expect(numbers.count == 4)
    #expect(0...32767 ~= numbers[0] && 5...32767 ~= numbers[1])
    #expect(10...12 ~= numbers[2] && numbers[3] == 7)
  }

  @Test(
    "Wrong parameters of a predefined name are reported, and the text stays",
    arguments: [
      ("${_ENV}", "Definition _ENV requires between 1 and 1 parameters, 0 specified."),
      ("${_RANDOM a}", "Definition _RANDOM requires numeric parameters only."),
      ("${_RANDOM 1 2 3}", "Definition _RANDOM requires between 0 and 2 parameters, 3 specified."),
      ("${_RANDOM 9 3}", "${_RANDOM}: min 9 exceeds max 3, using 9"),
    ])
  func wrongParameters(text: String, message: String) {
    #expect(Reading("list {\nx\"\(text)\"\n}\n").messages == ["(Line 2) \(message)"])
  }

  @Test("A result that is too long ends the substitution")
  func tooLong() {
    let reading = Reading("$A=x${A}\nlist {\n$A\n}\n")
    #expect(reading.context.diagnostics.map(\.class).contains(.note))
    #expect(reading.stop == nil)
  }

  @Test(
    "Conditions",
    arguments: [
      ("@high a", ["a"]), ("@low a", []), ("@^high a", []), ("@^low a", ["a"]), ("@high", []),
      ("@ a", []), ("@^ a", ["a"]), ("@^^high a", ["a"]), ("@high @high a", ["@high|a"]),
      ("@hig a", []), ("@high\ta", ["a"]),
    ])
  func conditions(text: String, expected: [String]) {
    #expect(Reading.logicalLines("", text) == expected)
  }

  @Test("The node's name up to its dot is the default for conditions")
  func nodeName() {
    let files = MemoryFiles(text: "list {\n@node a\n@node.example b\n}\n")
    #expect(Reading(files, configID: nil).lines == ["a"])
  }

  @Test(
    "Sequences that are wrong",
    arguments: [
      ("~SEQ(i,1,0x)", "Invalid ~SEQ definition"), ("~SEQ(i,08)", "Invalid ~SEQ definition"),
      ("~SEQ(,3)", "Invalid ~SEQ definition"), ("~SEQ(i,1 2)", "Invalid ~SEQ definition"),
      ("~SEQ(i,1,2,3,4) x", "Invalid ~SEQ definition"),
      ("~SEQ(i,1,2", "~SEQ missing terminating ')'"), ("~SEQ(i,1,,3)", "Invalid ~SEQ values"),
      ("~SEQ(i,1,-1,3)", "Invalid ~SEQ values"), ("~SEQ(i,3,1,1)", "Invalid ~SEQ values"),
      ("~SEQx(i,-1,3)", "~SEQx is only valid for positive numbers"),
      (
        "~SEQ(i,1,2" + String(repeating: " ", count: 61) + ")",
        "~SEQ parameter strings too long"
      ),
      ("~LST({i},{a,b}) x", "~LST specification has too many values"),
    ])
  func wrongSequences(text: String, message: String) {
    let kind = text.prefix(4)
    #expect(
      Reading(text + "\n").messages == [
        "(Line 1) \(message) '\(text)'", "(Line 1) Invalid \(kind) specification '\(text)'",
      ])
  }

  @Test(
    "Sequences without a usable head",
    arguments: [
      "~SEQ", "~SEQ 5", "~SEQX(i,1)", "~LST", "~LST(i)", "~LST(i,a b)", "~LST(i,a", "~LSTx(i,a)",
    ])
  func uselessSequences(text: String) {
    #expect(
      Reading(text + "\n").messages == [
        "(Line 1) Invalid \(text.prefix(4)) specification '\(text)'"
      ])
  }

  @Test("A sequence's numbers may be definitions, but not of several lines")
  func sequenceParameters() {
    #expect(Reading.logicalLines("$N=2", "~SEQ(i,$N) x${i}") == ["x1", "x2"])
    let reading = Reading("$N=1 \\\n2\n~SEQ(i,$N) x\n")
    #expect(
      reading.messages.first == "(Line 3) ~SEQ parameter is multiline definition "
        + "'~SEQ(i,$N) x'")
  }

  @Test("What is left behind a brace may hold directives")
  func behindBraces() {
    let text = "list { $A=x }\n@low a\n@high b${A}\n~LST(i,p,q) list { ${i} }\n"
    let reading = Reading(text)
    // The definition has taken the brace.
    #expect(reading.lines == ["bx", "p", "q"])
    #expect(Reading("list { @low a }\nlist { @high a }\n}\n").lines == ["list", "{", "a"])
  }

  @Test("Other words behind a tilde are keywords, and nothing is replaced in them")
  func otherTilde() { #expect(Reading.logicalLines("$A=v", "~FOO $A") == ["~FOO|$A"]) }
}
