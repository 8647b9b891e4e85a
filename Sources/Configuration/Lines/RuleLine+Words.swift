import ConfigurationSyntax
import Primitives

/// A line of rules while it is read.
struct RuleDraft {
  var rule = RuleLine()
  var family: AddressFamily?
  var action: RuleLine.Action?
  var priority: UInt32?
  var givenProtocol: UInt8?
  /// A part of it is wrong, which has been reported: without that part it would match too much.
  var isRefused = false

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
      _ = cursor.advance()
    },
    Word("inet6", "WORD", "an IPv6 rule") { draft, cursor throws(LineStop) in
      try draft.fix(.ipv6, cursor)
      _ = cursor.advance()
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
      try readMark(&draft, &cursor)
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
      let word = try cursor.argument()
      if let number = try cursor.unsigned(in: 0...255) {
        draft.givenProtocol = UInt8(truncatingIfNeeded: number)
      } else {
        cursor.report("Invalid protocol \(word)", expected: "a number from 0 to 255")
        draft.isRefused = true
      }
    },
    Word("ipproto", "NAME|N", range: "0 to 127", "IP protocol") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      let number = word.automaticNumber.map { UInt8(exactly: $0) ?? .max }
      // Compatibility: protocols above 127 are refused.
      if let value = number ?? cursor.reading.host.protocolNumber(named: word), value <= 127 {
        draft.rule.ipProtocol = value
      } else {
        cursor.report("Invalid ipproto \(word)", expected: "a name, or 0 to 127")
        draft.isRefused = true
      }
    },
    Word("no_track", "its removal by others and its interfaces do not matter") {
      $0.rule.noTrack = true
    },
  ]

  private static func readMark(_ draft: inout RuleDraft, _ cursor: inout LineCursor)
    throws(LineStop)
  {
    let word = try cursor.argument()
    let (mark, mask) = word.cut(at: "/")
    guard let value = markNumber(mark, in: mask != nil), let bits = markNumber(mask ?? "", in: true)
    else { throw cursor.refuse("Invalid rule fwmark \(word) specified") }
    if mark.isEmpty || mask?.isEmpty == true {
      cursor.report(.hint, "fwmark \(word) lacks a number, which counts as 0")
    }
    draft.rule.fwmark = value
    if mask != nil { draft.rule.fwmask = bits }
  }

  /// Compatibility: beside a slash nothing is 0.
  private static func markNumber(_ text: Substring, in pair: Bool) -> UInt32? {
    text.isEmpty && pair ? 0 : String(text).automaticNumber.flatMap(UInt32.init(exactly:))
  }

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
      switch try cursor.range(UInt32.self) {
      case .range(let range): draft.rule.userRange = range
      case .empty:
        cursor.reportEmptyRange("uidrange", "the rule is left out")
        draft.isRefused = true
      case .invalid:
        throw cursor.refuse("Invalid uidrange \(cursor.word) specified", expected: "FIRST-LAST")
      }
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

  /// What a word is that ought to be A-B.
  fileprivate enum Range<Number: FixedWidthInteger> {
    case range(ClosedRange<Number>)
    /// Two numbers, but nothing lies between them, or the second goes too far.
    case empty
    case invalid
  }

  fileprivate mutating func range<Number: FixedWidthInteger>(_: Number.Type) throws(LineStop)
    -> Range<Number>
  {
    let (first, last) = try argument().cut(at: "-")
    guard let last, let lower = Number(first), let digit = last.first,
      digit == "+" || digit.isNumber
    else { return .invalid }
    guard let upper = Number(last), lower <= upper else { return .empty }
    return .range(lower...upper)
  }

  /// Compatibility: the kernel is left to refuse it.
  fileprivate func reportEmptyRange(_ name: String, _ consequence: String) {
    report(
      .hint, "\(name) \(word) is no range: \(consequence)", expected: "FIRST-LAST, FIRST <= LAST")
  }

  fileprivate mutating func ports(_ name: String) throws(LineStop) -> ClosedRange<UInt16>? {
    switch try range(UInt16.self) {
    case .range(let range): return range
    case .empty: reportEmptyRange(name, "the rule goes without it")
    case .invalid:
      // Compatibility: a single port is refused, and the rule is kept without it.
      report("invalid \(name) range \(word)", expected: "FIRST-LAST")
    }
    return nil
  }
}
