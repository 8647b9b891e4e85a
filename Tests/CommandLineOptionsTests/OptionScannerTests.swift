import CommandLineOptions
import Testing

@Suite("Options of a command line")
struct OptionScannerTests {
  struct Row: CommandLineOption {
    var short: Character?
    var long: String
    var argumentRule: ArgumentRule
  }

  static let table = [
    Row(short: "v", long: "verbose", argumentRule: .none),
    Row(short: "n", long: "name", argumentRule: .required),
    Row(short: "o", long: "output", argumentRule: .optional),
    Row(short: nil, long: "version", argumentRule: .none),
    Row(short: nil, long: "names", argumentRule: .none),
  ]

  /// One word for each event: `--name=value`, `-v`, `word`, `?-x`, `!-n`.
  func scan(_ words: [String]) -> [String] {
    var scanner = OptionScanner(words, Self.table)
    var seen: [String] = []
    while let event = scanner.next() {
      switch event {
      case .option(let option, let name, let value):
        #expect(name == "--\(option.long)" || name.dropFirst() == option.short.map { "\($0)" })
        seen.append(name + (value.map { "=\($0)" } ?? ""))
      case .word(let word): seen.append(word)
      case .unknown(let text): seen.append("?\(text)")
      case .missingValue(let name): seen.append("!\(name)")
      }
    }
    return seen
  }

  @Test(
    "Words become options",
    arguments: [
      ("-v", ["-v"]), ("-vvn1", ["-v", "-v", "-n=1"]), ("-n 1 -v", ["-n=1", "-v"]),
      ("-n -v", ["-n=-v"]), ("--name 1", ["--name=1"]), ("--name=1=2", ["--name=1=2"]),
      ("--name=", ["--name="]), ("--verb", ["--verbose"]), ("--names", ["--names"]),
      ("--nam 1", ["?--nam", "1"]), ("--ver", ["?--ver"]), ("--verbose=1", ["?--verbose=1"]),
      ("--bogus=1", ["?--bogus"]), ("--=1", ["?--"]), ("-vxv", ["-v", "?-x", "-v"]),
      ("-o 1", ["-o", "1"]), ("-o1", ["-o=1"]), ("-vo1v", ["-v", "-o=1v"]),
      ("--output 1", ["--output", "1"]), ("--output=1", ["--output=1"]),
      ("--output=", ["--output="]), ("-n", ["!-n"]), ("-vn", ["-v", "!-n"]),
      ("--name", ["!--name"]), ("a - -v b", ["a", "-", "-v", "b"]),
      ("-v -- -v -- --name", ["-v", "-v", "--", "--name"]), ("-n -- 1", ["-n=--", "1"]),
      ("--", []), ("", []),
    ])
  func events(text: String, expected: [String]) {
    #expect(scan(text.split(separator: " ").map(String.init)) == expected)
  }

  @Test("An empty word is a word, and may be an argument")
  func empty() {
    #expect(scan(["", "-n", "", "--name", ""]) == ["", "-n=", "--name="])
  }

  @Test("The rest can be taken, and a word be left")
  func rest() {
    var scanner = OptionScanner(["-vxv", "-v", "a"], Self.table)
    _ = scanner.next()
    #expect(scanner.rest == ["-v", "a"])
    scanner.skipWord()
    guard case .option(_, "-v", nil) = scanner.next() else {
      Issue.record("no option")
      return
    }
    #expect(scanner.rest == ["a"])
  }
}
