import Primitives

/// One hop of a multipath route while it is read.
struct NextHopDraft {
  var hop = RouteLine.NextHop()
  /// Fixed by the route, or by the first hop that has one.
  var family: AddressFamily?

  fileprivate mutating func fix(_ family: AddressFamily, _ message: String, _ cursor: LineCursor)
    throws(LineStop)
  {
    if let known = self.family, known != family { throw cursor.refuse(message) }
    self.family = family
  }
}

extension RouteLine.NextHop {
  private typealias Word = LineWord<NextHopDraft>

  static let words = LineWords<NextHopDraft>(
    "nexthop",
    [
      Word("via", "[inet|inet6] ADDR", "gateway") { draft, cursor throws(LineStop) in
        let mismatch = "Address family mismatch for next hop"
        if let family = try cursor.familyWord() { try draft.fix(family, mismatch, cursor) }
        let address = try cursor.address { "invalid nexthop address \($0)" }
        try draft.fix(address.family, mismatch, cursor)
        draft.hop.via = address
      },
      Word("dev", "IF", "output interface") { draft, cursor throws(LineStop) in
        draft.hop.device = try cursor.interface {
          "WARNING - interface \($0) for VROUTE nexthop doesn't exist"
        }
      },
      Word("weight", "N", range: "1 to 256", "share of the traffic") {
        draft, cursor throws(LineStop) in
        let weight = try cursor.number(in: 1...256) { "Invalid weight \($0) specified for route" }
        draft.hop.weight = UInt16(truncatingIfNeeded: weight)
      },
      Word("onlink", "the gateway is on the link") { $0.hop.onlink = true },
      Word("encap", "ip|ip6|mpls|ila …", "lightweight tunnel") {
        draft, cursor throws(LineStop) in
        draft.hop.encapsulation = try RouteLine.Encapsulation.read(&cursor)
      },
      Word("realms", "R[/R]", "realms, IPv4 only") { draft, cursor throws(LineStop) in
        draft.hop.realms = try cursor.realms { "Invalid realms \($0) for route" }
        try draft.fix(.ipv4, "realms is only valid for IPv4", cursor)
      },
      Word("as", "[to] ADDR", "not supported") { _, cursor throws(LineStop) in
        try cursor.readAsTo()
        throw .refused
      },
    ])

  /// Reads `nexthop …` to the end of the line. What is wrong ends the list, not the route.
  static func read(_ cursor: inout LineCursor, _ family: inout AddressFamily?) throws(LineStop)
    -> [RouteLine.NextHop]
  {
    var hops: [RouteLine.NextHop] = []
    repeat {
      var draft = NextHopDraft(family: family)
      do throws(LineStop) {
        while let next = cursor.following, let word = words[next] {
          _ = cursor.advance()
          try word.handler(&draft, &cursor)
        }
      } catch {
        switch error {
        case .refused: return hops
        case .reading: throw error
        }
      }
      family = draft.family
      hops.append(draft.hop)
    } while cursor.skip("nexthop")
    if cursor.advance() {
      cursor.report("Route has trailing nonsense after nexthops - \(cursor.word)")
    }
    return hops
  }
}
