import ConfigurationSyntax
import Testing

@Suite("Hostile input")
struct HostileInputTests {
  private static var small: ReadingLimits {
    var limits = ReadingLimits()
    limits.generatedLines = 10_000
    limits.definitionBytes = 1 << 20
    limits.replacedBytes = 1 << 20
    limits.files = 200
    limits.bytes = 1 << 20
    return limits
  }

  @Test(
    "Text without an end is refused, and the limit is named",
    arguments: [
      ("$X=${X}\n${X}\n", "references replaced on one line"),
      ("$A=${B}\n$B=${A}\n${A}\n", "references replaced on one line"),
      ("$M=$M \\\nx\n$M\n", "definitions within definitions"),
      ("$M=x \\\n$M\n$M\n", "lines from definitions and sequences"),
      ("$M=a \\\n$M \\\nb\n$M\n", "definitions within definitions"),
      ("~SEQ(i,1,99999999) x\n", "values of one ~SEQ"),
      ("~SEQ(i,99999999999999999999,3) x\n", "values of one ~SEQ"),
      (
        "~SEQ(i,-9223372036854775807,9223372036854775807) x\n", "values of one ~SEQ"
      ),
      (
        "~SEQ(i,1,900) ~SEQ(j,1,900) ~SEQ(k,1,900) x\n", "lines from definitions and sequences"
      ),
      ("$S=~SEQ(i,1,2) $S2\n" + "~SEQ(i,1,2) " * 70 + "x\n", "sequences within sequences"),
      ("include keepalived.conf\n", "include files within include files"),
      ("include ./././keepalived.conf\n", "include files within include files"),
    ])
  func limits(text: String, what: String) throws {
    let reading = Reading(MemoryFiles(text: text), views: [.parent], limits: Self.small)
    let stop = try #require(reading.stop)
    #expect(stop.diagnostic.message.hasPrefix("more than "))
    #expect(stop.diagnostic.message.contains(what))
    #expect(stop.diagnostic.location?.line ?? 0 > 0)
    #expect(ReadingExitStatus.test(reading.context.highestClass, stop: stop) == 6)
    #expect(ReadingExitStatus.start(reading.context.highestClass, stop: stop) == 6)
  }

  @Test("Definitions that double each other end at the length of a line")
  func billionLaughs() {
    var text = "$A0=ha\n"
    for n in 1...40 { text += "$A\(n)=${A\(n - 1)}${A\(n - 1)}\n" }
    text += "${A40}\n"
    let reading = Reading(MemoryFiles(text: text), limits: Self.small)
    #expect(reading.context.diagnostics.map(\.class).contains(.note))
  }

  @Test("Multi-line definitions that double each other are refused")
  func doublingLines() {
    var text = "$A0=ha \\\nha\n"
    for n in 1...40 { text += "$A\(n)=${A\(n - 1)} \\\n${A\(n - 1)}\n" }
    let reading = Reading(MemoryFiles(text: text + "${A40}\n"), limits: Self.small)
    #expect(reading.stop != nil)
  }

  @Test("Files that include each other twice are refused")
  func doublingFiles() {
    let files = MemoryFiles(text: "include 0\n")
    for n in 0..<40 {
      files.contents["/etc/keepalived/\(n)"] = .bytes(
        Array("include \(n + 1)\ninclude \(n + 1)\n".utf8))
    }
    files.contents["/etc/keepalived/40"] = .bytes([])
    #expect(Reading(files, limits: Self.small).stop != nil)
  }

  @Test("Braces that multiply each other are not followed")
  func multiplyingBraces() {
    let pattern = String(repeating: "{a,b,{c,d}}", count: 40)
    #expect(
      Reading("include \(pattern)\n").messages == [
        "(Line 1) Error reading config file(s): glob(\"\(pattern)\") returned 1, skipping."
      ])
    let open = String(repeating: "{a,{b,", count: 100)
    #expect(Reading("include \(open)\n").messages.count == 1)
  }

  @Test("A long definition costs no more than its length")
  func longDefinition() {
    let text = "$M=a \\\n" + String(repeating: "line \\\n", count: 40_000) + "\n"
    #expect(Reading(text).stop == nil)
  }

  @Test("Faults beyond the limit are counted, but not kept")
  func manyFaults() {
    var limits = ReadingLimits()
    limits.diagnostics = 100
    let text = (0..<5000).map { "w\($0)\n" }.joined()
    let reading = Reading(MemoryFiles(text: text), limits: limits)
    #expect(reading.context.diagnostics.count == 100)
    #expect(ReadingExitStatus.test(reading.context.highestClass) == 5)
  }

  @Test("Whatever happens to a configuration, reading it comes to an end")
  func mutations() {
    let seeds = [
      "$A=a ${A}\n$M=x \\\n y $A \\\n z\nblock b {\nnumber 1${A}\nscript \"/a 'b\" u\n}\n$M\n",
      "~SEQ(i,1,3) ~LST({a,b},{1,2},{3}) list { ${i}${a} ${_RANDOM 1 5} }\n@high line x\n",
      "include keepalived.conf\nother { { } }\nlist a {\n\"b c\" !d\n}\n}\nnamed\n",
      "list {\n~SEQx(i,0x0e,$N) i${i}\n${_ENV HOME} \\#\\\" \"\n\0\r\n}\nincludea {a,b}*/c\n",
    ].map { Array($0.utf8) }
    let pieces = [
      "{", "}", "\"", "$M", "${A}", "\\\n", "~SEQ(i,1,2) ", "~LST(", "@high ", "\n", "\0",
    ]
    .map { Array($0.utf8) }
    var random = TestRandom(state: 20_240_611)
    var limits = Self.small
    limits.generatedLines = 50
    limits.includeDepth = 3
    limits.files = 8
    for _ in 0..<3000 {
      var bytes = seeds[random.below(seeds.count)]
      for _ in 0...random.below(6) {
        let index = random.below(bytes.count + 1)
        switch random.below(4) {
        case 0: bytes.insert(UInt8(random.below(256)), at: index)
        case 1: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: index)
        case 2: if index < bytes.count { bytes.remove(at: index) }
        case 3: bytes.insert(contentsOf: bytes[(index / 2)..<index], at: index)
        default: break
        }
      }
      let reading = Reading(
        MemoryFiles(bytes: bytes), views: [.parent, .vrrp], limits: limits)
      let status = ReadingExitStatus.test(reading.context.highestClass, stop: reading.stop)
      #expect([0, 2, 4, 5, 6].contains(status))
      for diagnostic in reading.context.diagnostics {
        #expect(!diagnostic.rendered(.plain).contains("\n"))
        _ = diagnostic.rendered(.terminal)
      }
    }
  }
}

/// The same numbers at each run.
struct TestRandom {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(1, limit)))
  }
}

private func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
