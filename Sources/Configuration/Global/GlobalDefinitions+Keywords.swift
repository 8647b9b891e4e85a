import ConfigurationSyntax
import Primitives

/// A row of `global_defs`.
typealias GlobalKeyword = Keyword<Reading>

extension GlobalDefinitions {
  /// The keywords of `global_defs`.
  static let keywords = KeywordTable<Reading>(
    "global_defs",
    identityKeywords + readingKeywords + dumpKeywords + scriptKeywords + fifoKeywords
      + mailKeywords + autoPriorityKeywords + scheduling("vrrp", \.vrrpProcess)
      + scheduling("checker", \.checkerProcess) + scheduling("bfd", \.bfdProcess)
      + vrrpKeywords + garpKeywords + bufferKeywords + startKeywords + firewallKeywords
      + lvsKeywords + snmpKeywords + dbusKeywords)
}

extension GlobalDefinitions {
  static let identityKeywords: [GlobalKeyword] = [
    .flag("process_names", "Names the child processes keepalived_vrrp, _lvs and _bfd.") {
      $0.global.processNames.areDistinct = true
    },
    processName("process_name", "parent process") { $0.global.processNames.parent = $1 },
    processName("vrrp_process_name", "VRRP process") { $0.global.processNames.vrrp = $1 },
    checkerProcessName,
    .renamed(
      "lvs_process_name", to: checkerProcessName, class: .note,
      message: "'lvs_process_name' is deprecated - please use 'checker_process_name'"),
    processName("bfd_process_name", "BFD process") { $0.global.processNames.bfd = $1 },
    GlobalKeyword(
      "router_id", "STRING", default: "the local host name", effect: .none,
      "Name of this router in mails and dumps."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "routerid name missing - ignoring", at: line)
        return
      }
      reading.global.routerID = try line.word(1).text
    },
    GlobalKeyword(
      "umask", "NUMBER|BIT[|BIT…]", range: "0 to 0777, or IRUSR, IWUSR … IRWXO", default: "0177",
      "File creation mask."
    ) { reading, line, reader throws(ReadingStop) in
      try readUmask(reading, line, reader.context)
    },
    .unsigned(
      "random_seed", "N", 0...UInt64(UInt32.max), .strict, default: "the time", effect: .none,
      "Seed of ${_RANDOM}.", invalid: { "random_seed \($1) invalid" }
    ) { $0.global.randomSeed = UInt32(truncatingIfNeeded: $1) },
  ]

  private static let checkerProcessName = processName(
    "checker_process_name", "checker process"
  ) { $0.global.processNames.checker = $1 }

  private static func processName(
    _ name: String, _ process: String,
    set: @escaping @Sendable (Reading, String) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(
      name, "NAME", range: "up to 15 characters", default: "keepalived",
      "The kernel's name of the \(process)."
    ) { reading, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard word.utf8.count > 15 else {
        set(reading, word)
        return
      }
      reader.context.report(
        .general, "Process name \(word) more than 15 characters, truncating", at: line, word: 1)
      set(reading, String(decoding: word.utf8.prefix(15), as: UTF8.self))
    }
  }

  private static let umaskBits: [(String, UInt16)] = [
    ("IRUSR", 0o400), ("IWUSR", 0o200), ("IXUSR", 0o100), ("IRWXU", 0o700),
    ("IRGRP", 0o040), ("IWGRP", 0o020), ("IXGRP", 0o010), ("IRWXG", 0o070),
    ("IROTH", 0o004), ("IWOTH", 0o002), ("IXOTH", 0o001), ("IRWXO", 0o007),
  ]

  /// A number, or bits separated by `|` over as many words as one likes.
  private static func readUmask(
    _ reading: Reading, _ line: Statement, _ context: ReadingContext
  ) throws(ReadingStop) {
    let word = try line.word(1).text
    if let first = word.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      guard let number = word.automaticNumber, number <= 0o777 else {
        context.report(.general, "invalid umask value \(word)", at: line, word: 1)
        return
      }
      if line.words.count > 2 {
        context.report(.general, "Extra parameter(s) to umask option", at: line, word: 2)
        return
      }
      reading.global.umask = UInt16(truncatingIfNeeded: number)
      return
    }
    let text = line.arguments.map(\.text).joined(separator: " ")
    var mask: UInt16 = 0
    for part in text.split(separator: "|", omittingEmptySubsequences: false) {
      let names = part.split(separator: " ")
      guard names.count == 1, let name = names.first else {
        let message = names.isEmpty ? "umask missing bit value" : "Invalid umask syntax \(names[1])"
        context.report(.general, message, at: line)
        return
      }
      guard let bit = umaskBits.first(where: { $0.0 == name })?.1 else {
        context.report(
          .general, "Unknown umask bit \(name)", at: line,
          expected: umaskBits.map(\.0).joined(separator: ", "))
        return
      }
      mask |= bit
    }
    reading.global.umask = mask
  }
}

/// The text of most global `[BOOL]` keywords for a bad word.
func invalidGlobal(_ name: String) -> GlobalKeyword.Complaint {
  { _, word in "Invalid value '\(word)' for global \(name) specified" }
}
