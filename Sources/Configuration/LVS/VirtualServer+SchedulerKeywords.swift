import ConfigurationSyntax
import IPVS
import Primitives

extension VirtualServer {
  private typealias Row = Keyword<VirtualServerDraft>

  private static let schedulers = [
    "rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos",
  ]

  /// How packets are shared out among the real servers.
  static let schedulerKeywords: [Keyword<VirtualServerDraft>] = [
    scheduler("lb_algo", "Scheduler of IPVS."),
    scheduler("lvs_sched", "The same as lb_algo."),
    Row("hashed", default: "off", "Means nothing.") { draft, line, reader in
      guard draft.scheduler != "sh", draft.scheduler != "mh" else { return }
      reader.context.report(
        .general, "hashed only applies to sh scheduler - ignoring", at: line)
    },
    .flag("ops", "One packet scheduling, of UDP only.") { $0.server.isOnePacket = true },
    .flag("flag-1", "Flag 1 of the scheduler.") { $0.server.schedulerFlags.insert(.first) },
    .flag("flag-2", "Flag 2 of the scheduler.") { $0.server.schedulerFlags.insert(.second) },
    .flag("flag-3", "Flag 3 of the scheduler.") { $0.server.schedulerFlags.insert(.third) },
    flag("sh-port", "sh", .second, "Hash the port too; behind lb_algo sh."),
    flag("sh-fallback", "sh", .first, "Another server if one has failed; behind lb_algo sh."),
    flag("mh-port", "mh", .second, "Hash the port too; behind lb_algo mh."),
    flag("mh-fallback", "mh", .first, "Another server if one has failed; behind lb_algo mh."),
    .forwarding(
      "lb_kind", default: "NAT", "How packets reach the real servers.", server: "virtual",
      \.forwarding),
    .forwarding(
      "lvs_method", default: "NAT", "The same as lb_kind.", server: "virtual", \.forwarding),
  ]

  private static func scheduler(_ name: String, _ help: String) -> Row {
    Row(name, "NAME", range: schedulers.joined(separator: ", "), default: "wlc", help) {
      draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if schedulers.contains(word) {
        draft.scheduler = word
      } else {
        reader.context.report(
          .general, "Invalid lvs_scheduler '\(word)' - ignoring", at: line, word: 1,
          expected: "one of \(schedulers.joined(separator: ", "))")
      }
    }
  }

  /// A flag of one scheduler, behind whose name it must stand. For the other one of the two that
  /// have such flags it is passed over.
  private static func flag(
    _ name: String, _ scheduler: String, _ flag: SchedulerFlags, _ help: String
  ) -> Row {
    Row(name, default: "off", help) { draft, line, reader in
      switch draft.scheduler {
      case scheduler: draft.server.schedulerFlags.insert(flag)
      case "sh", "mh": break
      default:
        reader.context.report(
          .general, "\(name) only applies to \(scheduler) scheduler - ignoring", at: line,
          expected: "lb_algo \(scheduler) above this line")
      }
    }
  }

  /// Which packets of a client stay with one real server.
  static let persistenceKeywords: [Keyword<VirtualServerDraft>] = [
    Row(
      "persistence_engine", "NAME", range: "15 characters", default: "none",
      "What persistence goes by, as sip."
    ) {
      draft, line, reader throws(ReadingStop) in
      var word = try line.word(1).text
      if word.utf8.count > longestEngine {
        reader.context.report(
          .general, "persistence_name too long, truncating - \(word)", at: line, word: 1)
        // Compatibility: one octet more than is allowed.
        while word.utf8.count > longestEngine + 1 { word.removeLast() }
      }
      draft.persistence.engine = word
    },
    Row(
      "persistence_timeout", "[SECONDS]", range: "1 to 2678400", default: "off; SECONDS 360",
      "A client stays with its real server."
    ) { draft, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        draft.persistence.timeout = standardTimeout
        return
      }
      guard let value = try reader.context.unsigned(line, 1, in: 1...2_678_400, .strict) else {
        reader.context.report(.general, "persistence_timeout invalid", at: line, word: 1)
        return
      }
      draft.persistence.timeout = UInt32(truncatingIfNeeded: value)
    },
    Row(
      "persistence_granularity", "NETMASK|LENGTH", range: "IPv4 a mask, IPv6 1 to 128",
      default: "255.255.255.255, 128", "Clients that count as one; persistence_timeout is set."
    ) { draft, line, reader throws(ReadingStop) in
      try readGranularity(&draft, line, reader.context)
    },
  ]

  static let standardTimeout: UInt32 = 360
  private static let longestEngine = 15

  private static func readGranularity(
    _ draft: inout VirtualServerDraft, _ line: Statement, _ context: ReadingContext
  ) throws(ReadingStop) {
    let word = try line.word(1).text
    let family = draft.server.family ?? (word.contains(".") ? .ipv4 : .ipv6)
    switch family {
    case .ipv4:
      guard let mask = IPv4Address(classicText: word) else {
        context.report(
          .general, "Invalid IPv4 persistence_granularity specified - \(word)", at: line, word: 1,
          expected: "a netmask as 255.255.255.0")
        return
      }
      draft.persistence.granularity = .mask(mask)
    case .ipv6:
      guard let length = try context.unsigned(line, 1, in: 1...128, .lenient) else {
        context.report(
          .general, "Invalid IPv6 persistence_granularity specified - \(word)", at: line, word: 1)
        return
      }
      draft.persistence.granularity = .prefix(UInt8(truncatingIfNeeded: length))
    }
    draft.takeFamily(family)
    draft.persistence.timeout = draft.persistence.timeout ?? standardTimeout
  }
}

extension IPv4Address {
  /// What `inet_aton` takes: one to four numbers, decimal, octal or hexadecimal; the last one fills
  /// all octets that are left.
  init?(classicText text: String) {
    let parts = text.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false)
    guard let tail = parts.last, parts.count <= 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts.dropLast() {
      guard let octet = String(part).classicNumber, octet <= 255 else { return nil }
      bits = bits << 8 | UInt32(octet)
    }
    let left = UInt32(8 * (5 - parts.count))
    guard let rest = String(tail).classicNumber, rest < 1 << UInt64(left) else { return nil }
    self.init(bits: (left == 32 ? 0 : bits << left) | UInt32(truncatingIfNeeded: rest))
  }
}

extension String {
  /// A number without a sign as C reads it with base 0.
  fileprivate var classicNumber: UInt64? {
    guard let first = utf8.first, first != UInt8(ascii: "+") else { return nil }
    return automaticNumber
  }
}
