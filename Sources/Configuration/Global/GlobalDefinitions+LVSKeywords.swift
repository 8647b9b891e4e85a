import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  static let lvsKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "lvs_timeouts", "[tcp S] [tcpfin S] [udp S]", range: "0 to 2678400 each", default: "unset",
      "Time-outs of IPVS connections."
    ) { reading, line, _ throws(ReadingStop) in try readTimeouts(reading, line) },
    .flag("lvs_flush", "Clear IPVS at the start.") {
      $0.global.lvs.flush = true
    },
    flushOnStop,
    .renamed("lvs_flush_onstop", to: flushOnStop, class: .remark),
    GlobalKeyword(
      "lvs_sync_daemon",
      "IF [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDR]",
      range: "id 0 to 255, maxlen 1 to 65507, port 1 to 65535, ttl 1 to 255, group multicast",
      default: "off", "Daemon that hands IPVS connections to another director."
    ) { reading, line, _ throws(ReadingStop) in try readSyncDaemon(reading, line) },
  ]

  private static let flushOnStop = GlobalKeyword(
    "lvs_flush_on_stop", "[VS]", default: "off",
    "Clear IPVS at the stop; VS: delete virtual servers only."
  ) { reading, line, reader throws(ReadingStop) in
    guard line.words.count > 1 else {
      reading.global.lvs.flushOnStop = .full
      return
    }
    let word = try line.word(1).text
    if word == "VS" {
      reading.global.lvs.flushOnStop = .virtualServers
    } else {
      reader.context.report(
        .general, "Unknown lvs_flush_on_stop type \(word)", at: line, word: 1, expected: "VS")
    }
  }

  private static let timeouts: [(String, any WritableKeyPath<LVSGlobals, UInt32?> & Sendable)] = [
    ("tcp", \.timeoutTCP), ("tcpfin", \.timeoutTCPFin), ("udp", \.timeoutUDP),
  ]

  private static func readTimeouts(_ reading: Reading, _ line: Statement) throws(ReadingStop) {
    guard line.words.count > 2 else {
      reading.report(.general, "lvs_timeouts requires at least one option", at: line)
      return
    }
    var index = 1
    while index < line.words.count {
      let word = line.words[index].text
      guard let property = timeouts.first(where: { $0.0 == word })?.1 else {
        reading.report(
          .general, "Unknown option \(word) specified for lvs_timeouts", at: line, word: index,
          expected: "tcp, tcpfin or udp")
        index += 1
        continue
      }
      guard index + 1 < line.words.count else {
        reading.report(
          .general, "No value specified for lvs_timeout \(word) - ignoring", at: line, word: index)
        return
      }
      if let value = try reading.context.unsigned(line, index + 1, in: 0...2_678_400, .strict) {
        reading.global.lvs[keyPath: property] = UInt32(truncatingIfNeeded: value)
      } else {
        reading.report(
          .general, "Invalid lvs_timeout \(word) (\(line.words[index + 1].text)) - ignoring",
          at: line, word: index + 1)
      }
      index += 2
    }
  }

  /// The number words of `lvs_sync_daemon`.
  private struct SyncWord: Sendable {
    var range: ClosedRange<UInt64>
    var message: String
    var set: @Sendable (inout LVSGlobals.SyncDaemon, UInt16) -> Void
  }

  private static let syncWords: [(String, SyncWord)] = [
    (
      "id",
      SyncWord(range: 0...255, message: "Invalid syncid (%) - defaulting to vrid") {
        $0.id = UInt8(truncatingIfNeeded: $1)
      }
    ),
    (
      "maxlen",
      SyncWord(range: 1...65507, message: "Invalid lvs_sync_daemon maxlen (%) - ignoring") {
        $0.maxLength = $1
      }
    ),
    (
      "port",
      SyncWord(range: 1...65535, message: "Invalid lvs_sync_daemon port (%) - ignoring") {
        $0.port = $1
      }
    ),
    (
      "ttl",
      SyncWord(range: 1...255, message: "Invalid lvs_sync_daemon ttl (%) - ignoring") {
        $0.ttl = UInt8(truncatingIfNeeded: $1)
      }
    ),
  ]

  private static func readSyncDaemon(_ reading: Reading, _ line: Statement) throws(ReadingStop) {
    guard line.words.count > 1 else {
      reading.report(.general, "lvs_sync_daemon requires interface", at: line)
      return
    }
    if let daemon = reading.global.lvs.syncDaemon {
      reading.report(
        .general,
        "lvs_sync_daemon has already been specified as \(daemon.interface)"
          + " \(daemon.vrrpInstance ?? "") - ignoring", at: line)
      return
    }
    let interface = try line.word(1).text
    guard interface.utf8.count <= 15 else {
      reading.report(
        .general, "lvs_sync_daemon interface name '\(interface)' too long - ignoring", at: line,
        word: 1)
      return
    }
    var daemon = LVSGlobals.SyncDaemon(interface: interface)
    var index = 2
    while index < line.words.count {
      index += try readSyncWord(&daemon, reading, line, index)
    }
    reading.global.lvs.syncDaemon = daemon
  }

  /// Returns how many words were read.
  private static func readSyncWord(
    _ daemon: inout LVSGlobals.SyncDaemon, _ reading: Reading, _ line: Statement, _ index: Int
  ) throws(ReadingStop) -> Int {
    let word = line.words[index].text
    if index + 1 == line.words.count, word == "group" || syncWords.contains(where: { $0.0 == word })
    {
      let choice = word == "id" ? ", defaulting to vrid" : " - ignoring"
      reading.report(
        .general, "No value specified for lvs_sync_daemon \(word)\(choice)", at: line, word: index)
      return 1
    }
    if let row = syncWords.first(where: { $0.0 == word })?.1 {
      let text = try line.word(index + 1).text
      if let value = try reading.context.unsigned(line, index + 1, in: row.range, .strict) {
        row.set(&daemon, UInt16(truncatingIfNeeded: value))
      } else {
        let parts = row.message.split(separator: "%", omittingEmptySubsequences: false)
        reading.report(.general, parts.joined(separator: text), at: line, word: index + 1)
      }
      return 2
    }
    if word == "inst" {
      daemon.vrrpInstance = try line.word(index + 1).text
      return 2
    }
    if word == "group" {
      let text = try line.word(index + 1).text
      if let group = IPAddress(parsing: text), group.isMulticast {
        daemon.group = group
      } else {
        reading.report(
          .general, "Invalid lvs_sync_daemon group (\(text)) - ignoring", at: line, word: index + 1,
          expected: "a multicast address")
      }
      return 2
    }
    if index == 2 {
      daemon.vrrpInstance = word
    } else if index == 3 {
      guard let id = try reading.context.unsigned(line, index, in: 0...255, .strict) else {
        reading.report(
          .general, "Invalid syncid (\(word)) - defaulting to vrid", at: line, word: index)
        return 1
      }
      reading.report(
        .general, "Please use keyword \"id\" before lvs_sync_daemon SYNCID", at: line, word: index)
      daemon.id = UInt8(truncatingIfNeeded: id)
    } else {
      reading.report(
        .general, "Unknown option \(word) specified for lvs_sync_daemon", at: line, word: index)
    }
    return 1
  }
}
