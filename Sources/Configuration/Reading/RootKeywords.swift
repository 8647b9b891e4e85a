import ConfigurationSyntax
import Primitives

/// The keywords outside of all blocks, as each process sees them.
enum RootKeywords {
  typealias Row = Keyword<Reading>

  static func table(for view: ReadingView) -> KeywordTable<Reading> {
    switch view {
    case .parent: parent
    case .checker: checker
    case .vrrp: vrrp
    case .bfd: bfd
    }
  }

  private static let parent = KeywordTable<Reading>(
    "", global,
    foreign: ForeignKeywords(
      vrrpRows.map(\.name) + bfdRows.map(\.name) + lvsNames,
      found: { reading, line in reading.notePresence(line) }))

  private static let checker = KeywordTable<Reading>(
    "", lvsRows + trackFileRows + trackedBFDRows,
    foreign: ForeignKeywords(global.map(\.name) + vrrpRows.map(\.name)))

  private static let vrrp = KeywordTable<Reading>(
    "", vrrpRows + trackedBFDRows, foreign: ForeignKeywords(global.map(\.name) + lvsNames))

  private static let bfd = KeywordTable<Reading>(
    "", bfdRows,
    foreign: ForeignKeywords(global.map(\.name) + vrrpRows.map(\.name) + lvsNames))

  /// All rows, for the manual and the tests.
  static let all: [Row] = global + vrrpRows + bfdRows + lvsRows

  private static let lvsNames = lvsRows.map(\.name)
}

extension RootKeywords {
  private static let global: [Row] = [
    Row("global_defs", "{ … }", "Settings of the program and defaults.") {
      reading, _, reader throws(ReadingStop) in
      try reader.readBlock(GlobalDefinitions.keywords, into: &reading)
    },
    name("net_namespace", "Network namespace to run in.", \.netNamespace),
    Row(
      "net_namespace_ipvs", "[NAME]", default: "the own one; without NAME that of process 1",
      "Network namespace of IPVS."
    ) { reading, line, reader throws(ReadingStop) in
      let word = line.words.count > 1 ? line.words[1].text : nil
      guard reading.global.netNamespaceIPVS == .own else {
        let word = try line.word(1).text
        reader.context.report(
          .general, "Duplicate net_namespace_ipvs definition \(word) - ignoring", at: line)
        return
      }
      reading.global.netNamespaceIPVS = word.map { .named($0) } ?? .initial
    },
    .flag("namespace_with_ipsets", "Use ipsets in a namespace before Linux 3.13 too.") {
      $0.global.namespaceWithIPSets = true
    },
    .flag("use_pid_dir", "Keep pid files in /run/keepalived.") { $0.global.usePidDir = true },
    name("instance", "Name of this instance of the program.", \.instance),
    .unsigned(
      "child_wait_time", "SECONDS", 0...UInt64(UInt32.max), .strict, default: "5",
      "Time that child processes have to stop.", invalid: { "Invalid child_wait_time \($1)" }
    ) { $0.global.childWaitTime = .seconds(Int64($1)) },
    .flag("linkbeat_use_polling", "Poll the links of all VRRP interfaces.") {
      $0.global.linkbeatUsePolling = true
    },
  ]

  private static func name(
    _ name: String, _ help: String,
    _ property: any WritableKeyPath<GlobalDefinitions, String?> & Sendable
  ) -> Row {
    Row(name, "NAME", default: "none", help) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "\(name) name missing - ignoring", at: line)
        return
      }
      let word = try line.word(1).text
      if reading.global[keyPath: property] != nil {
        reader.context.report(.general, "Duplicate \(name) definition \(word) - ignoring", at: line)
      } else {
        reading.global[keyPath: property] = word
      }
    }
  }
}

extension Reading {
  /// Notes which processes the text asks for.
  func notePresence(_ line: Statement) {
    rootKeywords.insert(line.keyword)
    switch line.keyword {
    case "vrrp_instance", "static_ipaddress", "static_routes", "static_rules":
      configuration.presence.vrrp = true
    case "virtual_server":
      configuration.presence.checker = true
    case "bfd_instance":
      configuration.presence.bfd = true
    default: break
    }
  }
}
