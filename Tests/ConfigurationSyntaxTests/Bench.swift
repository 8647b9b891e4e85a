import ConfigurationSyntax

/// What the tests' keywords read into.
struct Notes: Equatable {
  /// The words of each line of a `list` block, joined by `|`; braces and unknown words included.
  var lines: [String] = []
  /// The statements that reached a keyword.
  var statements: [String] = []
  var foreign: [String] = []
}

/// A small language: `list { LINES }`, `block NAME { number N, flag, inner { … } }`, `line WORDS`.
enum Bench {
  static let inner = KeywordTable<Notes>(
    "inner",
    [Keyword("leaf", "", "A leaf.") { notes, statement, _ in notes.note(statement) }])

  static let block = KeywordTable<Notes>(
    "block",
    [
      Keyword("number", "N", range: "1-255", "A number.") {
        notes, statement, reader throws(ReadingStop) in
        notes.note(statement)
        _ = try reader.context.unsigned(statement, 1, in: 1...255, .lenient)
      },
      Keyword("flag", "", "A flag.") { notes, statement, _ in notes.note(statement) },
      Keyword("script", "COMMAND", "A script.") { notes, statement, _ in notes.note(statement) },
      Keyword("inner", "", "A block.") { notes, statement, reader throws(ReadingStop) in
        notes.note(statement)
        try reader.readBlock(inner, into: &notes)
        notes.statements.append("end inner")
      },
    ])

  static let rows: [Keyword<Notes>] = [
    Keyword("list", "", "A list.") { notes, statement, reader throws(ReadingStop) in
      var lines: [String] = []
      try reader.readValues(of: statement) { line, _ in
        lines.append(line.words.map(\.text).joined(separator: "|"))
      }
      notes.lines += lines
    },
    Keyword("block", "NAME", "A block.") { notes, statement, reader throws(ReadingStop) in
      notes.note(statement)
      try reader.readBlock(block, into: &notes)
      notes.statements.append("end block")
    },
    Keyword("refused", "", "A block that is refused.") {
      notes, statement, reader throws(ReadingStop) in
      notes.note(statement)
      try reader.skipBlock()
    },
    Keyword("named", "NAME", "Needs a name.") { notes, statement, _ throws(ReadingStop) in
      notes.statements.append(try statement.word(1).text)
    },
    Keyword("line", "", "A line.") { notes, statement, _ in notes.note(statement) },
    Keyword("check", "", "include_check all.") { notes, statement, reader in
      reader.context.includeChecks = .all
    },
  ]

  static let root = KeywordTable<Notes>(
    "root", rows,
    foreign: ForeignKeywords(["other"]) { notes, statement in
      notes.foreign.append(statement.keyword)
    })
}

extension Notes {
  mutating func note(_ statement: Statement) {
    statements.append(statement.words.map(\.text).joined(separator: " "))
  }
}

/// One reading and what came of it.
struct Reading {
  var notes: [ReadingView: Notes] = [:]
  var context: ReadingContext
  var stop: ReadingStop?

  /// Reads `keepalived.conf` of `files` in all `views`.
  init(
    _ files: any ConfigurationFiles, views: [ReadingView] = [.parent],
    strictness: ReadingContext.Strictness = .test, limits: ReadingLimits = ReadingLimits(),
    pattern: String = "keepalived.conf", configID: String? = "high", checks: IncludeChecks = []
  ) {
    context = ReadingContext(strictness: strictness, limits: limits)
    let reading = ConfigurationReading(
      Array(pattern.utf8), files: files, configID: configID.map { Array($0.utf8) },
      checks: checks, context: context)
    for view in views {
      var tree = Notes()
      do throws(ReadingStop) {
        try reading.read(as: view, Bench.root, into: &tree)
      } catch {
        stop = error
      }
      notes[view] = tree
      if stop != nil { return }
    }
  }

  init(_ text: String, views: [ReadingView] = [.parent]) {
    self.init(MemoryFiles(text: text), views: views)
  }

  /// The lines of all lists, as the last view that was read has them.
  var lines: [String] { notes[.vrrp]?.lines ?? notes[.parent]?.lines ?? [] }

  /// All diagnostics but hints, as `-t` writes them.
  var messages: [String] {
    context.diagnostics.filter { $0.class != .hint }.map {
      ($0.location?.prefix ?? "") + $0.message
    }
  }

  /// The logical lines that `text` becomes inside a list block.
  static func logicalLines(_ definitions: String, _ text: String = "") -> [String] {
    Reading(definitions + "\nlist {\n" + text + "\n}\n").lines
  }
}
