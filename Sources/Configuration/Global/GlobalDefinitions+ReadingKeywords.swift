import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  /// How the configuration is read, kept and read again.
  static let readingKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "include_check", "[[+|-]WORD …]", range: "read, match, wildcard_match, brace_match",
      default: "none; without WORD all", "Which faults of include lines are errors."
    ) { _, line, reader throws(ReadingStop) in readIncludeCheck(line, reader.context) },
    GlobalKeyword(
      "tmp_config_directory", "DIR", default: "memory", effect: .none,
      "Keep the copy of the configuration on the file system of DIR."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(
          .general, "tmp_config_directory missing directory name", at: line)
        return
      }
      guard reading.global.reading.tmpConfigDirectory == nil else {
        reader.context.report(
          .general, "tmp_config_directory already specified - ignoring", at: line)
        return
      }
      reading.global.reading.tmpConfigDirectory = try line.word(1).text
    },
    GlobalKeyword(
      "config_save_dir", "DIR", default: "none", effect: .none,
      "Save the configuration and dumps there at each read."
    ) { reading, line, _ throws(ReadingStop) in try readSaveDirectory(reading, line) },
    GlobalKeyword(
      "reload_check_config", "[LOG_FILE]", default: "off; without LOG_FILE /dev/null",
      "Test a new configuration before a reload; makes every diagnostic fatal."
    ) { reading, line, _ throws(ReadingStop) in
      reading.global.reading.reloadCheckConfig =
        line.words.count > 1 ? try line.word(1).text : "/dev/null"
    },
    GlobalKeyword(
      "reload_time_file", "PATH", default: "none", "File that holds the time of the next reload."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count == 2 else {
        reader.context.report(
          .general, "reload_time_file invalid", at: line, expected: "exactly one path")
        return
      }
      reading.global.reading.reloadTimeFile = try line.word(1).text
    },
    .flag("reload_repeat", "Keep a reload_time_file that holds only a time of day.") {
      $0.global.reading.reloadRepeat = true
    },
    GlobalKeyword(
      "reload_file", "[PATH]", default: "off; without PATH keepalived.reload in the pid directory",
      "File that exists while the configuration is read."
    ) { reading, line, _ throws(ReadingStop) in
      reading.global.reading.reloadFile =
        line.words.count > 1 ? .path(try line.word(1).text) : .standard
    },
    path("iproute_usr_dir", "Tables of iproute2; the other directory wins.") {
      $0.global.reading.iprouteUsrDir = $1
    },
    path("iproute_etc_dir", "Tables of iproute2.") { $0.global.reading.iprouteEtcDir = $1 },
  ]

  private static func readSaveDirectory(_ reading: Reading, _ line: Statement) throws(ReadingStop) {
    let word = try line.word(1).text
    let hasSlash = word.utf8.count > 1 && word.hasSuffix("/")
    let path = hasSlash ? String(word.dropLast()) : word
    switch reading.host.saveDirectory(path) {
    case .usable: reading.global.reading.configSaveDir = path
    case .notDirectory:
      reading.report(
        .general, "config_save_dir \(path) exists and is not a directory", at: line, word: 1)
    case .unusable(let code, let reason):
      reading.report(
        .general, "Unable to create config_save_dir \(path) (error \(code) - \(reason))", at: line,
        word: 1)
    }
  }

  private static func readIncludeCheck(_ line: Statement, _ context: ReadingContext) {
    let names: [(String, IncludeChecks)] = [
      ("read", .read), ("match", .match), ("wildcard_match", .wildcardMatch),
      ("brace_match", .braceMatch),
    ]
    if line.words.count == 1 {
      context.includeChecks = .all
      return
    }
    for (index, word) in line.words.enumerated().dropFirst() {
      let sign = word.text.first.flatMap { $0 == "+" || $0 == "-" ? $0 : nil }
      let name = sign == nil ? word.text[...] : word.text.dropFirst()
      guard let check = names.first(where: { $0.0 == name })?.1 else {
        context.report(
          .general, "Unknown include_check type '\(name)' - ignoring", at: line, word: index,
          expected: names.map(\.0).joined(separator: ", "))
        continue
      }
      switch sign {
      case "+": context.includeChecks.insert(check)
      case "-": context.includeChecks.remove(check)
      default:
        if index == 1 {
          context.includeChecks = [.read, check]
        } else {
          // Compatibility: only the first word may stand without a sign.
          context.report(
            .general, "Duplicate include_check '\(name)' specified - ignoring", at: line,
            word: index, expected: "+\(name)")
        }
      }
    }
  }

  /// Names and layouts of dumps.
  static let dumpKeywords: [GlobalKeyword] = [
    .boolean(
      "data_use_instance", "Put namespace and instance into the names of dumps.",
      // Compatibility: the reference writes date for data.
      invalid: invalidGlobal("date_use_instance")
    ) { $0.global.dumps.dataUseInstance = $1 },
    GlobalKeyword(
      "json_version", "N", range: "1 to 2", default: "1", effect: .none, "Layout of the JSON dump."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "json_version requires version", at: line)
        return
      }
      guard let version = try reader.context.unsigned(line, 1, in: 1...2, .lenient) else {
        reader.context.report(.general, "Invalid JSON version", at: line, word: 1)
        return
      }
      reading.global.dumps.jsonVersion = UInt8(truncatingIfNeeded: version)
    },
    dumpFile("state_dump_file", effect: .effective, "Template of the names of data dumps.") {
      $0.global.dumps.stateDumpFile = $1
    },
    dumpFile("stats_dump_file", "Template of the names of statistics dumps.") {
      $0.global.dumps.statsDumpFile = $1
    },
    dumpFile("json_dump_file", "Template of the names of JSON dumps.") {
      $0.global.dumps.jsonDumpFile = $1
    },
  ]

  private static func path(
    _ name: String, _ help: String, set: @escaping @Sendable (Reading, String) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(name, "PATH", default: "as built", help) {
      reading, line, reader throws(ReadingStop) in
      guard line.words.count == 2 else {
        reader.context.report(.general, "\(name) requires path", at: line)
        return
      }
      set(reading, try line.word(1).text)
    }
  }

  private static func dumpFile(
    _ name: String, effect: GlobalKeyword.Effect = .none, _ help: String,
    set: @escaping @Sendable (Reading, String) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(name, "PATH", effect: effect, help) { reading, line, reader throws(ReadingStop) in
      guard line.words.count == 2, !(try line.word(1).text.isEmpty) else {
        reader.context.report(.general, "\(name) requires a non-empty path", at: line)
        return
      }
      set(reading, try line.word(1).text)
    }
  }
}
