import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  /// Defaults of gratuitous ARP and unsolicited neighbour advertisements.
  static let garpKeywords: [GlobalKeyword] = [
    .seconds(
      "vrrp_garp_master_delay", 0...4294, default: "5",
      "Time from becoming master to the second set; 0 is no second set.",
      invalid: { "vrrp_garp_master_delay '\($1)' invalid - ignoring" }
    ) { $0.global.vrrp.garp.masterDelay = $1 },
    repetitions("vrrp_garp_master_repeat", "5", "Messages of a set.") {
      $0.masterRepeat = $1
    },
    .seconds(
      "vrrp_garp_master_refresh", 0...UInt64(UInt32.max), default: "0 (off)",
      "Time between refreshes.", invalid: { "Invalid vrrp_garp_master_refresh '\($1)' - ignoring" },
      otherwise: { $0.global.vrrp.garp.masterRefresh = .zero }
    ) { $0.global.vrrp.garp.masterRefresh = $1 },
    repetitions("vrrp_garp_master_refresh_repeat", "1", "Messages of a refresh.") {
      $0.masterRefreshRepeat = $1
    },
    .seconds(
      "vrrp_garp_lower_prio_delay", 0...4294, default: "vrrp_garp_master_delay",
      "Time to the second set after an advert of lower priority.",
      invalid: { "vrrp_garp_lower_prio_delay '\($1)' invalid - ignoring" }
    ) { $0.lowerPrioDelay = $1 },
    .unsigned(
      "vrrp_garp_lower_prio_repeat", "N", 0...UInt64(Int32.max),
      default: "vrrp_garp_master_repeat", "Messages of a set after an advert of lower priority.",
      invalid: { "Invalid vrrp_garp_lower_prio_repeat '\($1)'" }
    ) { $0.lowerPrioRepeat = UInt32(truncatingIfNeeded: $1) },
    gap("vrrp_garp_interval", "gratuitous ARPs") { $0.garpInterval = $1 },
    gap("vrrp_gna_interval", "neighbour advertisements") { $0.gnaInterval = $1 },
    GlobalKeyword(
      "vrrp_min_garp", "[BOOL]", range: booleanWords, default: "off",
      "One message only, where nothing else has been said before."
    ) { reading, line, reader throws(ReadingStop) in
      guard let isOn = reader.context.boolean(line) else {
        reader.context.report(
          .general, "Invalid value for vrrp_min_garp specified", at: line, word: 1,
          expected: "one of \(booleanWords)")
        return
      }
      if isOn { reading.global.vrrp.garp.reduce() }
    },
    extraInterfaces,
    .renamed("vrrp_vmac_garp_intvl", to: extraInterfaces),
  ]

  private static let extraInterfaces = GlobalKeyword(
    "vrrp_garp_extra_if", "[all] SECONDS", range: "1 to 86400", default: "0 (off)",
    "Messages on the VMACs that send no adverts; all: on all interfaces.",
    handler: {
      reading, line, reader throws(ReadingStop) in
      if let value = try reader.context.garpExtraInterfaces(line, in: 1...86400, owner: "") {
        reading.global.vrrp.garpExtraIf = value
      }
    })

  private static func repetitions(
    _ name: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout GARPSettings, UInt32) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(
      name, "N", range: "0 to 4294967295 (0 becomes 1)", default: standard, help
    ) { reading, line, reader throws(ReadingStop) in
      if let value = try reader.context.repetitions(line, owner: "") {
        set(&reading.global.vrrp.garp, value)
      }
    }
  }

  private static func gap(
    _ name: String, _ what: String,
    set: @escaping @Sendable (inout VRRPGlobals, Microseconds) -> Void
  ) -> GlobalKeyword {
    .time(
      name, Microseconds(1)...longestTime, default: "0",
      "Time between \(what) on an interface.", invalid: { "\(name) '\($1)' is invalid" }
    ) { reading, value in
      if value >= .seconds(1) {
        reading.report(.note, "The \(name) is very large - \(value.shortSecondsText) seconds")
      }
      set(&reading.global.vrrp, value)
    }
  }
}

extension GARPSettings {
  /// `vrrp_min_garp`: one message, except for what has been set to something else.
  fileprivate mutating func reduce() {
    let standard = GARPSettings()
    if masterRepeat == standard.masterRepeat { masterRepeat = 1 }
    if masterRefresh == standard.masterRefresh { masterRefresh = .zero }
    if masterRefreshRepeat == standard.masterRefreshRepeat { masterRefreshRepeat = 0 }
    if masterDelay == standard.masterDelay { masterDelay = .zero }
  }
}

extension ReadingContext {
  /// A number of messages: 0 becomes 1.
  func repetitions(_ line: Statement, owner: String) throws(ReadingStop) -> UInt32? {
    let word = try line.word(1).text
    guard let value = try unsigned(line, 1, in: 0...UInt64(UInt32.max), .lenient) else {
      report(.general, "\(owner)\(line.keyword) '\(word)' invalid - ignoring", at: line, word: 1)
      return nil
    }
    if value == 0 {
      report(
        .general, "\(owner)\(line.keyword) must be greater than 0, setting to 1", at: line, word: 1)
    }
    return UInt32(truncatingIfNeeded: max(value, 1))
  }

  /// `[all] SECONDS`, in any order.
  func garpExtraInterfaces(_ line: Statement, in range: ClosedRange<UInt64>, owner: String)
    throws(ReadingStop) -> GARPExtraInterfaces?
  {
    var value = GARPExtraInterfaces()
    var hasTime = false
    for index in line.words.indices.dropFirst() {
      let word = line.words[index].text
      if word == "all" {
        value.all = true
      } else if let seconds = try unsigned(line, index, in: range, .lenient) {
        value.interval = .seconds(Int64(seconds))
        hasTime = true
      } else {
        report(
          .general, "\(owner)\(line.keyword) '\(word)' invalid - ignoring", at: line, word: index,
          expected: "[all] SECONDS")
        return nil
      }
    }
    guard hasTime else {
      report(.general, "\(owner)\(line.keyword) specified without time - ignoring", at: line)
      return nil
    }
    return value
  }
}
