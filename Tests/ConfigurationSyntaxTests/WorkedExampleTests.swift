import ConfigurationSyntax
import Testing

@Suite("Worked examples of the language")
struct WorkedExampleTests {
  @Test("Only closed references are replaced inside quotes")
  func references() {
    let lines = Reading.logicalLines("$A=alpha", #""${A}|$A|$A |${U}""#)
    #expect(lines == ["alpha|$A|alpha |${U}"])
  }

  @Test("A multi-line definition is bound when it is used")
  func lateBinding() {
    let lines = Reading.logicalLines("$M= \\\none ${X} \\\ntwo\n$X=1", "$M")
    #expect(lines == ["one|1", "two"])
  }

  @Test("The first line of a definition joins the line that refers to it")
  func firstLineJoins() {
    let lines = Reading.logicalLines("$M=one \\\n two", "x $M")
    #expect(lines == ["x|one", "two"])
  }

  @Test(
    "Sequences and lists make a line for each value",
    arguments: [
      ("~SEQ(i,1,2) ~SEQ(j,1,2) m${i}_${j}", ["m1_1", "m1_2", "m2_1", "m2_2"]),
      ("~SEQx(i,0x0e,0x11) i${i}", ["ie", "if", "i10", "i11"]),
      ("~SEQ(i,010,011) o${i}", ["o8", "o9"]),
      ("~LST({i,j},{a},{c,d}) 3${i}-${j}", ["3a-", "3c-d"]),
      ("~SEQ(i,0) ${i}", ["1", "0"]),
      ("~SEQ(i,-2) ${i}", ["-1", "-2"]),
      ("~SEQ(i,5,3) ${i}", ["5", "4", "3"]),
      ("~SEQ ( i , 1 , 2 , 5 ) ${i}", ["1", "3", "5"]),
      ("~LST(i, a , b,) x${i}", ["xa", "xb", "x"]),
      ("~LST(i,{a},{b}) ${i}", ["a", "b"]),
      ("~LST({i,j},a,b) ${i}${j}.", ["a.", "b."]),
      ("@high ~SEQ(i,1,2) s${i}", ["s1", "s2"]),
      ("~SEQ(i,1,2) @low r${i}", []),
    ])
  func sequences(text: String, expected: [String]) {
    #expect(Reading.logicalLines("", text) == expected)
  }

  @Test("A definition in a sequence ends before the sequence goes on")
  func definitionInSequence() {
    let lines = Reading.logicalLines(
      "$V= \\\n v${i} \\\n w${j}", "~SEQ(i,1,2) ~SEQ(j,1,2) $V")
    #expect(lines == ["v1", "w1", "v1", "w2", "v2", "w1", "v2", "w2"])
  }

  @Test("A sequence in a definition ends before the definition goes on")
  func sequenceInDefinition() {
    let lines = Reading.logicalLines(
      "$V= \\\n a \\\n ~SEQ(j,1,2) v${i}${j} \\\n w", "~SEQ(i,1,2) $V")
    #expect(lines == ["a", "v11", "v12", "w", "a", "v21", "v22", "w"])
  }

  @Test("What a reference becomes is not looked at for directives")
  func noDirectiveFromReference() {
    let lines = Reading.logicalLines("$S=~SEQ(i,1,2) u", "$S")
    #expect(lines == ["~SEQ(i,1,2)|u"])
  }

  @Test("A condition covers one line")
  func conditions() {
    let lines = Reading.logicalLines("@high $Z=1\n@low $Z=2", "z${Z}\n@^low a\n@^high b\n@ c\n@^ d")
    #expect(lines == ["z1", "a", "d"])
  }

  @Test("Braces from a definition open a block")
  func bracesFromDefinition() {
    let lines = Reading.logicalLines("$K=a b { c", "${K}")
    #expect(lines == ["a|b", "{", "c"])
  }
}
