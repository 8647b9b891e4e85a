import Primitives

extension RuleLine {
  private typealias Word = LineWord<RuleDraft>

  /// What a rule that looks up a table may have besides.
  static let lookupWords: [LineWord<RuleDraft>] = [
    tableWord,
    tableWord.named("lookup"),
    Word("realms", "R[/R]", "realms, IPv4 only") { draft, cursor throws(LineStop) in
      let realms = try cursor.realms { "invalid realms \($0) for rule" }
      if draft.family == .ipv6 { throw cursor.refuse("realms is only valid for IPv4") }
      try draft.fix(.ipv4, cursor)
      draft.rule.realms = realms
    },
    suppressorWord,
    suppressorWord.named("sup_pl"),
    groupWord,
    groupWord.named("sup_group"),
  ]

  static let actionWords: [LineWord<RuleDraft>] = [
    Word("l3mdev", "", "look up the table of the device's VRF") { draft, cursor throws(LineStop) in
      try draft.set(.l3mdev, cursor)
    },
    Word("type", "ACTION", "an action follows") { draft, cursor throws(LineStop) in
      _ = try cursor.argument()
      try draft.readAction(&cursor)
    },
  ]

  private static let tableWord = Word("table", "NAME|N", range: "1 to 4294967295", "look it up") {
    draft, cursor throws(LineStop) in
    let table = try cursor.number(.tables) { "Routing table \($0) not found for rule" }
    if table == 0 { throw cursor.refuse("Table 0 is not valid") }
    try draft.set(.table(table), cursor)
  }

  private static let suppressorWord = Word(
    "suppress_prefixlength", "N", range: "0 to 2147483647", "ignore routes with a prefix as short"
  ) { draft, cursor throws(LineStop) in
    let name = cursor.word
    let number = try cursor.number(in: 0...UInt64(Int32.max)) { _ in
      "Invalid suppress_prefixlength \(name) specified"
    }
    draft.rule.suppressPrefixLength = UInt32(truncatingIfNeeded: number)
  }

  private static let groupWord = Word(
    "suppress_ifgroup", "GROUP|N", range: "0 to 2147483647", "ignore routes by the group"
  ) { draft, cursor throws(LineStop) in
    draft.rule.suppressGroup = try cursor.number(.groups) { "suppress_group \($0) is invalid" }
  }
}

extension RuleDraft {
  /// The current word as an action: a name, or a route type's number.
  mutating func readAction(_ cursor: inout LineCursor) throws(LineStop) {
    switch cursor.word {
    case "nop": try set(.nop, cursor)
    case "goto":
      let name = cursor.word
      let word = try cursor.argument()
      guard let target = word.automaticNumber.flatMap(UInt32.init(exactly:)) else {
        throw cursor.refuse("Invalid target \(name) specified", expected: "a priority")
      }
      try set(.goto(target), cursor)
    default:
      // Compatibility: a bare number is an action by the number of the route type.
      guard let type = RouteLine.typeNumber(cursor.word) else {
        throw cursor.refuse("Unknown rule option \(cursor.word)")
      }
      switch type {
      case 6: try set(.blackhole, cursor)
      case 7: try set(.unreachable, cursor)
      case 8: try set(.prohibit, cursor)
      default:
        throw cursor.refuse(
          "Invalid rule action \(cursor.word)",
          expected: "blackhole, unreachable, prohibit, nop or goto N")
      }
    }
  }
}
