import ConfigurationSyntax
import Primitives
import Testing

@Suite("Values")
struct ValueTests {
  private func statement(_ words: String..., text: String = "") -> Statement {
    Statement(
      words: words.map { Word($0) }, text: Array(text.utf8),
      location: SourceLocation(file: nil, line: 1, column: 1))
  }

  private func unsigned(
    _ word: String, _ range: ClosedRange<UInt64> = 1...255,
    _ leniency: ReadingContext.Leniency = .strict,
    _ strictness: ReadingContext.Strictness = .test
  ) throws -> (UInt64?, [String]) {
    let context = ReadingContext(strictness: strictness)
    let value = try context.unsigned(statement("kw", word), 1, in: range, leniency)
    return (value, context.diagnostics.map(\.message))
  }

  @Test(
    "Unsigned numbers",
    arguments: [
      ("7", 7, nil), ("+7", 7, nil), (" 7", 7, nil), ("007", 7, nil),
      ("0", nil, "number '0' outside range [1, 255]"),
      ("", nil, "number '' outside range [1, 255]"),
      ("256", nil, "number '256' outside range [1, 255]"),
      ("-1", nil, "negative number '-1'"), ("7x", nil, "invalid number '7x'"),
      ("x", nil, "invalid number 'x'"), ("0x7", nil, "invalid number '0x7'"),
      ("4294967296", nil, "number '4294967296' outside unsigned integer range"),
      (
        "99999999999999999999", nil,
        "number '99999999999999999999' outside unsigned integer range"
      ),
    ] as [(String, UInt64?, String?)])
  func unsigned(word: String, expected: UInt64?, message: String?) throws {
    let (value, messages) = try unsigned(word)
    #expect(value == expected)
    #expect(messages == (message.map { [$0] } ?? []))
  }

  @Test("Numbers of 64 bits")
  func unsigned64() throws {
    let largest = String(UInt64.max)
    #expect(try unsigned(largest, 0...UInt64.max) == (.max, []))
    #expect(
      try unsigned(largest + "0", 0...UInt64.max).1
        == ["number '\(largest)0' outside unsigned 64 bit range"])
  }

  @Test("Lenient numbers are read as far as they go, but not by the configuration test")
  func lenient() throws {
    #expect(
      try unsigned("10x", 1...255, .lenient, .run) == (10, ["WARNING - invalid number '10x'"]))
    #expect(try unsigned("10x", 1...255, .lenient, .test) == (nil, ["invalid number '10x'"]))
    #expect(try unsigned("10x", 1...255, .strict, .run) == (nil, ["invalid number '10x'"]))
    #expect(try unsigned("x", 1...255, .lenient, .run).0 == nil)
    #expect(try unsigned("900x", 1...255, .lenient, .run).0 == nil)
  }

  @Test(
    "Signed numbers",
    arguments: [
      ("-254", -254, nil), ("+1", 1, nil), ("", 0, nil),
      ("-255", nil, "number '-255' outside range [-254, 254]"),
      ("2147483648", nil, "number '2147483648' outside integer range"),
      ("-9223372036854775809", nil, "number '-9223372036854775809' outside integer range"),
      ("1.5", nil, "invalid number '1.5'"),
    ] as [(String, Int64?, String?)])
  func signed(word: String, expected: Int64?, message: String?) throws {
    let context = ReadingContext(strictness: .test)
    let value = try context.signed(statement("kw", word), 1, in: -254...254, .strict)
    #expect(value == expected)
    #expect(context.diagnostics.map(\.message) == (message.map { [$0] } ?? []))
  }

  @Test(
    "Decimal numbers",
    arguments: [
      ("1", 1_000_000, nil), ("1.5", 1_500_000, nil), (".5", 500_000, nil), ("5.", 5_000_000, nil),
      ("0.0010000", 1000, "number '0.0010000' has too many decimal places"),
      ("1.0000015", 1_000_002, "number '1.0000015' has too many decimal places"),
      ("1.00000149", 1_000_001, "number '1.00000149' has too many decimal places"),
      ("", nil, "number '' outside range [0.001000, 30.000000]"),
      ("31", nil, "number '31' outside range [0.001000, 30.000000]"),
      ("1e3", nil, "invalid number '1e3'"), ("1.2.3", nil, "invalid number '1.2.3'"),
      ("-1", nil, "negative number '-1'"),
      (
        "99999999999999999999", nil,
        "number '99999999999999999999' outside unsigned decimal range"
      ),
    ] as [(String, UInt64?, String?)])
  func decimals(word: String, expected: UInt64?, message: String?) throws {
    let context = ReadingContext(strictness: .test)
    let value = try context.decimal(
      statement("kw", word), 1, places: 6, in: 1000...30_000_000, .strict)
    #expect(value == expected)
    #expect(context.diagnostics.map(\.message) == (message.map { [$0] } ?? []))
  }

  @Test("A number that is missing ends the reading")
  func missing() {
    let context = ReadingContext(strictness: .test)
    #expect(throws: ReadingStop.self) {
      try context.unsigned(statement("kw"), 1, in: 0...1, .strict)
    }
  }

  @Test(
    "Booleans",
    arguments: [
      ("true", true), ("on", true), ("yes", true), ("false", false), ("off", false),
      ("no", false), ("TRUE", nil), ("1", nil), ("", nil),
    ] as [(String, Bool?)])
  func booleans(word: String, expected: Bool?) {
    let context = ReadingContext(strictness: .test)
    #expect(context.boolean(statement("kw", word)) == expected)
    #expect(context.boolean(statement("kw")) == true)
  }

  @Test("Addresses lose their prefix length or range")
  func addresses() {
    let address = IPAddress(parsing: "10.0.0.1")
    for text in ["10.0.0.1", "10.0.0.1/24", "10.0.0.1-5", "10.0.0.1-5/24"] {
      #expect(ReadingContext.address(text) == address)
    }
    #expect(ReadingContext.address("fe80::1/64") == IPAddress(parsing: "fe80::1"))
    #expect(ReadingContext.address("10.0.0/8") == nil)
  }

  @Test("Ends of address ranges")
  func ranges() {
    #expect(AddressRangeEnd("10.0.0.1", family: .ipv4) == .none)
    #expect(AddressRangeEnd("10.0.0.1-255", family: .ipv4) == .end(255))
    #expect(AddressRangeEnd("10.0.0.1-256", family: .ipv4) == .tooLarge("256"))
    #expect(AddressRangeEnd("10.0.0.1-2x", family: .ipv4) == .extraCharacters("2x"))
    #expect(AddressRangeEnd("fe80::1-ffff", family: .ipv6) == .end(0xffff))
    #expect(AddressRangeEnd("fe80::1-fffff0000000", family: .ipv6) == .tooLarge("fffff0000000"))
  }

  @Test("Hexadecimal strings")
  func hexadecimal() {
    #expect(HexString("0aFF 1 2".utf8, allowMask: false)?.octets == [0x0a, 0xff, 1, 2])
    let masked = HexString("xA 0X".utf8, allowMask: true)
    #expect(masked?.octets == [0x0a, 0x00])
    #expect(masked?.mask == [0x0f, 0xf0])
    #expect(HexString("0x".utf8, allowMask: false) == nil)
    #expect(HexString("".utf8, allowMask: false) == nil)
    #expect(HexString("g".utf8, allowMask: true) == nil)
  }

  @Test("A script's command is cut into arguments with all escapes")
  func script() throws {
    let context = ReadingContext(strictness: .test)
    let line = #"kw "/p/a.sh 'a b' \"c d\" e\x41\101\t|\cA|\q" user group"#
    let script = try #require(try context.script(statement("kw", "x", text: line)))
    #expect(script.arguments == ["/p/a.sh", "a b", "\"c", "d\"", "eAA\t|\u{1}|q"])
    #expect(script.account.map(\.text) == ["user", "group"])
  }

  @Test("Pieces in quotes of either kind are joined")
  func joinedPieces() throws {
    let context = ReadingContext(strictness: .test)
    let line = #"kw ab"c d"'e f'g two"#
    let script = try #require(try context.script(statement("kw", "x", text: line)))
    #expect(script.arguments == ["abc", "de", "fg"])
    #expect(script.account.map(\.text) == ["two"])
  }

  @Test("Script lines with wrong quotes")
  func wrongScripts() throws {
    let context = ReadingContext(strictness: .test)
    #expect(try context.script(statement("kw", text: "kw 'a")) == nil)
    #expect(try context.script(statement("kw", text: "kw a\\")) == nil)
    #expect(
      context.diagnostics.filter { $0.class > .message }.map(\.message)
        == ["String 'kw 'a': missing terminating '"])
    #expect(throws: ReadingStop.self) { try context.script(statement("kw", text: "kw")) }
  }

  @Test("A line with escapes everywhere")
  func escapedWords() {
    let context = ReadingContext(strictness: .test)
    let words = context.escapedWords(statement("regex", text: #"regex "a\"b\\d" \xg\0"#))
    #expect(words?.map { String(decoding: $0, as: UTF8.self) } == ["regex", #"a"b\d"#, "xg\0"])
  }
}
