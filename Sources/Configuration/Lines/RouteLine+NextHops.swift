import Primitives

/// One hop of a multipath route while it is read.
struct NextHopDraft {
  var hop = RouteLine.NextHop()
  var family: AddressFamily
}

extension RouteLine.NextHop {
  private typealias Word = LineWord<NextHopDraft>

  static let words = LineWords<NextHopDraft>(
    "nexthop",
    [
      Word("via", "[inet|inet6] ADDR", "gateway") { draft, cursor throws(LineStop) in
        _ = try cursor.familyWord()
        let address = try cursor.address { "invalid nexthop address \($0)" }
        guard address.family == draft.family else {
          throw cursor.refuse("Address family mismatch for next hop")
        }
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
        if draft.family == .ipv6 { throw cursor.refuse("realms is only valid for IPv4") }
      },
      Word("as", "[to] ADDR", "not supported") { _, cursor throws(LineStop) in
        try cursor.readAsTo()
        throw .refused
      },
    ])

  /// Reads `nexthop …` to the end of the line. What is wrong ends the list, not the route.
  static func read(_ cursor: inout LineCursor, _ family: AddressFamily) throws(LineStop)
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
      hops.append(draft.hop)
    } while cursor.skip("nexthop")
    if cursor.advance() {
      cursor.report("Route has trailing nonsense after nexthops - \(cursor.word)")
    }
    return hops
  }
}
