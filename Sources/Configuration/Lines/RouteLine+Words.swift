import ConfigurationSyntax
import Primitives

/// A line of routes while it is read.
struct RouteDraft {
  var route = RouteLine()
  /// Fixed by the first address or word that has one.
  var family: AddressFamily?
  var destination: Prefix?
  var givenProtocol: UInt8?
  /// The second gateway of `via A or B`.
  var alternative: IPAddress?
  /// The type word has been read: the destination must follow at once.
  var hasType = false

  mutating func fix(_ family: AddressFamily, _ cursor: LineCursor) throws(LineStop) {
    if let known = self.family, known != family {
      throw cursor.refuse("Cannot mix IPv4 and IPv6 addresses for route")
    }
    self.family = family
  }
}

extension RouteLine {
  private typealias Word = LineWord<RouteDraft>

  static let words = LineWords("virtual_routes", commonWords)

  static let staticWords = LineWords(
    "static_routes",
    commonWords + [
      Word(
        "track_group", "GROUP",
        "the instances of GROUP fault when the output interface is down"
      ) { draft, cursor throws(LineStop) in
        let name = try cursor.argument()
        draft.route.trackGroup = try cursor.trackGroup(name, already: draft.route.trackGroup)
      }
    ])

  private static let commonWords: [Word] =
    addressWords + selectionWords + placementWords + metricWords + RouteLine.timeWords

  private static let addressWords: [Word] = [
    Word("to", "PREFIX", "destination; no type before it") { draft, cursor throws(LineStop) in
      _ = try cursor.argument()
      try draft.readDestination(&cursor)
    },
    Word("inet", "WORD", "an IPv4 route") { draft, cursor throws(LineStop) in
      try draft.fix(.ipv4, cursor)
      // Compatibility: the word behind `inet` and `inet6` counts for nothing.
      _ = cursor.advance()
    },
    Word("inet6", "WORD", "an IPv6 route") { draft, cursor throws(LineStop) in
      try draft.fix(.ipv6, cursor)
      _ = cursor.advance()
    },
    Word("src", "ADDR", "preferred source address") { draft, cursor throws(LineStop) in
      let address = try cursor.address { "invalid route src address \($0)" }
      try draft.fix(address.family, cursor)
      draft.route.preferredSource = address
    },
    Word("as", "[to] ADDR", "not supported") { _, cursor throws(LineStop) in
      try cursor.readAsTo()
    },
    viaWord,
    Word("gw", "ADDR", "deprecated, use `via`") { draft, cursor throws(LineStop) in
      cursor.report("\"gw\" for routes is deprecated. Please use \"via\"")
      try viaWord.handler(&draft, &cursor)
    },
    Word("or", "ADDR", "deprecated, use `nexthop`") { draft, cursor throws(LineStop) in
      cursor.report("\"or\" for routes is deprecated. Please use \"nexthop\"")
      let address = try cursor.address { "invalid \"or\" address \($0)" }
      if draft.alternative != nil {
        cursor.report("\"or\" route already specified - ignoring subsequent")
        return
      }
      try draft.fix(address.family, cursor)
      draft.alternative = address
    },
    Word("from", "PREFIX", "source prefix, IPv6 only") { draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      let prefix = anyWords.contains(word) ? nil : try cursor.prefix()
      guard let prefix, prefix.address?.family == .ipv6 else {
        throw cursor.refuse("route from address only supported with IPv6 (\(word))")
      }
      try draft.fix(.ipv6, cursor)
      draft.route.from = prefix
    },
  ]

  private static let viaWord = Word("via", "[inet|inet6] ADDR", "gateway") {
    draft, cursor throws(LineStop) in
    let family = try cursor.familyWord()
    let address = try cursor.address { "invalid route via address \($0)" }
    if let family { try draft.fix(family, cursor) }
    try draft.fix(address.family, cursor)
    draft.route.via = address
  }

  private static let selectionWords: [Word] = [
    tosWord,
    tosWord.named("dsfield"),
    Word("table", "NAME|N", "routing table; default main") { draft, cursor throws(LineStop) in
      draft.route.table = try cursor.number(.tables) { "Routing table \($0) not found for route" }
    },
    Word("vrf", "IF", "the routing table of a VRF") { draft, cursor throws(LineStop) in
      let name = try cursor.argument()
      guard case .vrf(let table)? = cursor.reading.host.interface(named: name)?.kind else {
        throw cursor.refuse("VRF \(name) not found for route")
      }
      draft.route.table = table
    },
    Word("protocol", "NAME|N", range: "0 to 255", "only with no_track; default keepalived (18)") {
      draft, cursor throws(LineStop) in
      let number = try cursor.number(.protocols) {
        "Protocol \($0) not found or invalid for route"
      }
      draft.givenProtocol = UInt8(truncatingIfNeeded: number)
    },
    Word("scope", "NAME|N", range: "0 to 255", "scope") { draft, cursor throws(LineStop) in
      let number = try cursor.number(.scopes) { "Scope \($0) not found or invalid for route" }
      draft.route.scope = UInt8(truncatingIfNeeded: number)
    },
    metricWord,
    metricWord.named("priority"),
    metricWord.named("preference"),
    deviceWord,
    deviceWord.named("oif"),
    Word("onlink", "the gateway is on the link") { $0.route.onlink = true },
    Word("realms", "R[/R]", "realms, IPv4 only") { draft, cursor throws(LineStop) in
      let realms = try cursor.realms { "Invalid realms \($0) for route" }
      if draft.family == .ipv6 { throw cursor.refuse("realms is only valid for IPv4") }
      try draft.fix(.ipv4, cursor)
      draft.route.realms = realms
    },
    Word("pref", "low|medium|high|N", range: "0 to 255", "router preference, IPv6 only") {
      draft, cursor throws(LineStop) in try readPreference(&draft, &cursor)
    },
    Word("expires", "SECONDS", range: "0 to 4294967295", "lifetime, IPv6 only") {
      draft, cursor throws(LineStop) in
      if draft.family == .ipv4 { throw cursor.refuse("expires is only valid for IPv6") }
      let seconds = try cursor.number(in: 0...UInt64(UInt32.max)) {
        "Invalid expires time \($0) specified for route"
      }
      try draft.fix(.ipv6, cursor)
      draft.route.expires = UInt32(truncatingIfNeeded: seconds)
    },
    Word("ttl-propagate", "enabled|disabled", "MPLS TTL propagation") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      if word != "enabled" && word != "disabled" {
        // Compatibility: any other word means disabled.
        cursor.report(
          "ttl-propagate value \(word) not recognised", expected: "enabled or disabled")
      }
      draft.route.ttlPropagate = word == "enabled"
    },
    Word("encap", "ip|ip6|mpls|ila …", "lightweight tunnel") { draft, cursor throws(LineStop) in
      draft.route.encapsulation = try Encapsulation.read(&cursor)
    },
  ]

  private static let tosWord = Word("tos", "NAME|N", range: "0 to 255", "type of service") {
    draft, cursor throws(LineStop) in
    let number = try cursor.number(.tos) { "TOS value \($0) is invalid" }
    draft.route.tos = UInt8(truncatingIfNeeded: number)
  }

  private static let metricWord = Word("metric", "N", range: "0 to 4294967295", "metric") {
    draft, cursor throws(LineStop) in
    let number = try cursor.number(in: 0...UInt64(UInt32.max)) {
      "Invalid metric \($0) specified for route"
    }
    draft.route.metric = UInt32(truncatingIfNeeded: number)
  }

  private static let deviceWord = Word("dev", "IF", "output interface") {
    draft, cursor throws(LineStop) in
    draft.route.device = try cursor.interface {
      "WARNING - interface \($0) for VROUTE nexthop doesn't exist"
    }
  }

  private static let placementWords: [Word] = [
    Word("add", "fail if an equal route exists") { $0.route.placement = .add },
    Word("append", "behind equal routes") { $0.route.placement = .append },
    Word("prepend", "before equal routes, the default") { $0.route.placement = .prepend },
    Word("no_track", "its removal by others and its interface do not matter") {
      $0.route.noTrack = true
    },
  ]

  private static let metricWords: [Word] = [
    metric("mtu", .mtu, "Invalid MTU", isLockable: true, help: "path MTU"),
    metric("advmss", .advmss, "Invalid advmss", isLockable: true, help: "MSS to advertise"),
    metric("reordering", .reordering, "Invalid reordering", isLockable: true, help: "reordering"),
    metric("cwnd", .cwnd, "Invalid cwnd", isLockable: true, help: "congestion window clamp"),
    metric(
      "ssthresh", .ssthresh, "Invalid ssthresh", isLockable: true, help: "slow start threshold"),
    metric("hoplimit", .hoplimit, "Invalid hoplimit", 0...255, help: "hop limit"),
    metric("window", .window, "Invalid window", help: "maximal window"),
    metric("initcwnd", .initcwnd, "Invalid initcwnd value", help: "initial congestion window"),
    metric("initrwnd", .initrwnd, "Invalid initrwnd value", help: "initial receive window"),
    metric("quickack", .quickack, "Invalid quickack value", 0...1, help: "quick acknowledgements"),
    metric(
      "fastopen_no_cookie", .fastopenNoCookie, "Invalid fastopen_no_cookie value", 0...1,
      help: "TCP fast open without a cookie"),
    Word("features", "ecn", "explicit congestion notification") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      if word == "ecn" {
        draft.route.set(Metric(.features, 1))
      } else {
        cursor.report("feature \(word) not supported", expected: "ecn")
      }
    },
    Word("congctl", "[lock] NAME", "congestion control") { draft, cursor throws(LineStop) in
      draft.route.isCongestionControlLocked = cursor.skip("lock")
      draft.route.congestionControl = try cursor.argument()
    },
  ]

  private static func metric(
    _ name: String, _ kind: Metric.Kind, _ message: String,
    _ range: ClosedRange<UInt64> = 0...UInt64(UInt32.max), isLockable: Bool = false,
    help: String
  ) -> Word {
    Word(
      name, isLockable ? "[lock] N" : "N", range: "\(range.lowerBound) to \(range.upperBound)",
      help
    ) { draft, cursor throws(LineStop) in
      let isLocked = isLockable && cursor.skip("lock")
      let number = try cursor.number(in: range) { "\(message) \($0) specified for route" }
      draft.route.set(Metric(kind, UInt32(truncatingIfNeeded: number), isLocked: isLocked))
    }
  }

  private static func readPreference(_ draft: inout RouteDraft, _ cursor: inout LineCursor)
    throws(LineStop)
  {
    let names: [(String, UInt8)] = [("low", 3), ("medium", 0), ("high", 1)]
    if draft.family == .ipv4 { throw cursor.refuse("pref is only valid for IPv6") }
    let word = try cursor.argument()
    try draft.fix(.ipv6, cursor)
    if let named = names.first(where: { $0.0 == word })?.1 {
      draft.route.preference = named
    } else if let value = try cursor.unsigned(in: 0...255) {
      draft.route.preference = UInt8(truncatingIfNeeded: value)
    } else {
      throw cursor.refuse(
        "Invalid pref value \(word) specified for route", expected: "low, medium, high or 0 to 255")
    }
  }

  mutating func set(_ metric: Metric) {
    metrics.removeAll { $0.kind == metric.kind }
    metrics.append(metric)
  }
}

/// What stands for any address.
let anyWords: Set<String> = ["default", "any", "all"]

extension LineCursor {
  /// The next word as an address; else the line counts for nothing.
  mutating func address(otherwise message: (String) -> String) throws(LineStop) -> IPAddress {
    let word = try argument()
    if let address = IPAddress(parsing: word) { return address }
    report("VRRP parsed invalid IP \(word). skipping IP...", expected: "an address")
    throw refuse(message(word))
  }

  /// `inet` or `inet6` if it comes next.
  mutating func familyWord() throws(LineStop) -> AddressFamily? {
    if skip("inet") { return .ipv4 }
    if skip("inet6") { return .ipv6 }
    return nil
  }

  /// Goes over the next word if it is `word`.
  mutating func skip(_ word: String) -> Bool { following == word && advance() }

  /// `as [to] ADDR`, which this program has no use for.
  mutating func readAsTo() throws(LineStop) {
    if try argument() == "to" { _ = advance() }
    report("\"as to\" for MPLS only - ignoring")
  }
}
