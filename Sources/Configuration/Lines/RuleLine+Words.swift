import ConfigurationSyntax
import Primitives

/// A line of rules while it is read.
struct RuleDraft {
  var rule = RuleLine()
  var family: AddressFamily?
  var action: RuleLine.Action?
  var priority: UInt32?
  var givenProtocol: UInt8?

  mutating func fix(_ family: AddressFamily, _ cursor: LineCursor) throws(LineStop) {
    if let known = self.family, known != family {
      throw cursor.refuse("rule specification has mixed IPv4 and IPv6")
    }
    self.family = family
  }

  mutating func set(_ action: RuleLine.Action, _ cursor: LineCursor) throws(LineStop) {
    if self.action != nil {
      throw cursor.refuse(
        action == .l3mdev
          ? "Cannot specify l3mdev with other action"
          : "Cannot specify more than one of table/nop/goto/blackhole/prohibit/unreachable/l3mdev"
            + " for rule")
    }
    self.action = action
  }
}

extension RuleLine {
  private typealias Word = LineWord<RuleDraft>

  static let words = LineWords("virtual_rules", commonWords)

  static let staticWords = LineWords(
    "static_rules",
    commonWords + [
      Word(
        "track_group", "GROUP", "the instances of GROUP fault when the input interface is down"
      ) { draft, cursor throws(LineStop) in
        let name = try cursor.argument()
        draft.rule.trackGroup = try cursor.trackGroup(name, already: draft.rule.trackGroup)
      }
    ])

  private static let commonWords: [Word] =
    addressWords + selectorWords + rangeWords + lookupWords + actionWords

  private static let addressWords: [Word] = [
    Word("inet", "WORD", "an IPv4 rule") { draft, cursor throws(LineStop) in
      try draft.fix(.ipv4, cursor)
      // Compatibility: the word behind `inet` and `inet6` counts for nothing.
      _ = try cursor.argument()
    },
    Word("inet6", "WORD", "an IPv6 rule") { draft, cursor throws(LineStop) in
      try draft.fix(.ipv6, cursor)
      _ = try cursor.argument()
    },
    Word("from", "PREFIX|default", "source") { draft, cursor throws(LineStop) in
      draft.rule.from = try cursor.rulePrefix(&draft, "from")
    },
    Word("to", "PREFIX|default", "destination") { draft, cursor throws(LineStop) in
      draft.rule.to = try cursor.rulePrefix(&draft, "to")
    },
  ]

  private static let selectorWords: [Word] = [
    Word("not", "invert the rule") { $0.rule.isInverted = true },
    preferenceWord,
    preferenceWord.named("order"),
    preferenceWord.named("priority"),
    tosWord,
    tosWord.named("dsfield"),
    Word("fwmark", "MARK[/MASK]", range: "0 to 4294967295", "firewall mark") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      let (mark, mask) = word.cut(at: "/")
      guard let value = String(mark).automaticNumber.flatMap(UInt32.init(exactly:)) else {
        throw cursor.refuse("Invalid rule fwmark \(word) specified")
      }
      draft.rule.fwmark = value
      guard let mask else { return }
      guard let bits = String(mask).automaticNumber.flatMap(UInt32.init(exactly:)) else {
        throw cursor.refuse("Invalid rule fwmark \(word) specified")
      }
      draft.rule.fwmask = bits
    },
    inputWord,
    inputWord.named("iif"),
    Word("oif", "IF", "output interface") { draft, cursor throws(LineStop) in
      draft.rule.outputDevice = try cursor.interface {
        "WARNING - interface \($0) for rule doesn't exist"
      }
    },
    Word("tunnel-id", "N", range: "1 to 18446744073709551615", "tunnel id") {
      draft, cursor throws(LineStop) in
      let id = try cursor.number(in: 0...UInt64.max) { _ in
        "Invalid tunnel-id tunnel-id specified"
      }
      draft.rule.tunnelID = id == 0 ? nil : id
    },
    Word("protocol", "N", range: "0 to 255", "only with no_track; default keepalived (18)") {
      draft, cursor throws(LineStop) in
      let number = try cursor.number(in: 0...255) { "Invalid protocol \($0)" }
      draft.givenProtocol = UInt8(truncatingIfNeeded: number)
    },
    Word("ipproto", "NAME|N", range: "0 to 127", "IP protocol") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      let number = word.automaticNumber.map { UInt8(exactly: $0) ?? .max }
      // Compatibility: protocols above 127 are refused.
      guard let value = number ?? cursor.reading.host.protocolNumber(named: word), value <= 127
      else { throw cursor.refuse("Invalid ipproto \(word)", expected: "a name, or 0 to 127") }
      draft.rule.ipProtocol = value
    },
    Word("no_track", "its removal by others and its interfaces do not matter") {
      $0.rule.noTrack = true
    },
  ]

  private static let preferenceWord = Word(
    "preference", "N", range: "0 to 4294967295", "position among all rules"
  ) { draft, cursor throws(LineStop) in
    let name = cursor.word
    let word = try cursor.argument()
    guard let value = word.automaticNumber.flatMap(UInt32.init(exactly:)) else {
      throw cursor.refuse("Invalid rule preference \(name) specified", expected: "a number")
    }
    draft.priority = value
  }

  private static let tosWord = Word("tos", "NAME|N", range: "0 to 255", "type of service") {
    draft, cursor throws(LineStop) in
    let number = try cursor.number(.tos) { "TOS value \($0) is invalid" }
    draft.rule.tos = UInt8(truncatingIfNeeded: number)
  }

  private static let inputWord = Word("dev", "IF", "input interface") {
    draft, cursor throws(LineStop) in
    draft.rule.inputDevice = try cursor.interface {
      "WARNING - interface \($0) for rule doesn't exist"
    }
  }

  private static let rangeWords: [Word] = [
    Word("uidrange", "A-B", range: "0 to 4294967295", "users") { draft, cursor throws(LineStop) in
      guard let range = try cursor.range(UInt32.self) else {
        throw cursor.refuse("Invalid uidrange \(cursor.word) specified", expected: "FIRST-LAST")
      }
      draft.rule.userRange = range
    },
    Word("sport", "A-B", range: "0 to 65535", "source ports") { draft, cursor throws(LineStop) in
      draft.rule.sourcePorts = try cursor.ports("sport")
    },
    Word("dport", "A-B", range: "0 to 65535", "destination ports") {
      draft, cursor throws(LineStop) in
      draft.rule.destinationPorts = try cursor.ports("dport")
    },
  ]
}

extension LineCursor {
  fileprivate mutating func rulePrefix(_ draft: inout RuleDraft, _ name: String) throws(LineStop)
    -> Prefix
  {
    let word = try argument()
    if anyWords.contains(word) { return Prefix(address: nil, length: 0) }
    guard let prefix = try prefix(), let address = prefix.address else {
      throw refuse("Invalid rule \(name) address \(word)")
    }
    try draft.fix(address.family, self)
    return prefix
  }

  /// The next word as A-B.
  fileprivate mutating func range<Number: FixedWidthInteger>(_: Number.Type) throws(LineStop)
    -> ClosedRange<Number>?
  {
    let (first, last) = try argument().cut(at: "-")
    guard let last, let lower = Number(first), let upper = Number(last), lower <= upper else {
      return nil
    }
    return lower...upper
  }

  fileprivate mutating func ports(_ name: String) throws(LineStop) -> ClosedRange<UInt16>? {
    if let range = try range(UInt16.self) { return range }
    // Compatibility: a single port is refused, and the rule is kept without it.
    report("invalid \(name) range \(word)", expected: "FIRST-LAST")
    return nil
  }
}
