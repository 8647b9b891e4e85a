import ConfigurationSyntax
import Primitives

extension RouteLine {
  /// Reads a line; nil after a report of why it counts for nothing.
  static func read(_ line: Statement, _ reading: Reading, words: LineWords<RouteDraft>)
    throws(ReadingStop) -> RouteLine?
  {
    var cursor = LineCursor(line, reading)
    do throws(LineStop) {
      var draft = RouteDraft()
      repeat {
        if cursor.word == "nexthop" {
          draft.route.nexthops = try NextHop.read(&cursor, &draft.family)
          break
        }
        if let word = words[cursor.word] {
          try word.handler(&draft, &cursor)
        } else {
          try draft.readTypeAndDestination(&cursor)
        }
      } while cursor.advance()
      return try draft.completed(cursor)
    } catch {
      switch error {
      case .refused: return nil
      case .reading(let stop): throw stop
      }
    }
  }

  /// rtm_type by name.
  static func typeNumber(_ word: String) -> UInt8? {
    if let named = typeNames.first(where: { $0.0 == word }) { return named.1 }
    guard let number = word.automaticNumber, number <= 255 else { return nil }
    return UInt8(number)
  }

  static func typeName(_ number: UInt8) -> String {
    typeNames.first { $0.1 == number }?.0 ?? "\(number)"
  }

  private static let typeNames: [(String, UInt8)] = [
    ("unicast", 1), ("local", 2), ("broadcast", 3), ("brd", 3), ("anycast", 4),
    ("multicast", 5), ("blackhole", 6), ("unreachable", 7), ("prohibit", 8), ("throw", 9),
    ("nat", 10), ("xresolve", 11),
  ]
}

extension RouteDraft {
  /// A word that is no keyword: a type, behind which the destination must come, or the destination.
  fileprivate mutating func readTypeAndDestination(_ cursor: inout LineCursor) throws(LineStop) {
    if let type = RouteLine.typeNumber(cursor.word) {
      route.type = type
      _ = try cursor.argument()
    }
    try readDestination(&cursor)
  }

  /// The current word as the destination.
  mutating func readDestination(_ cursor: inout LineCursor) throws(LineStop) {
    let word = cursor.word
    if anyWords.contains(word) {
      // Compatibility: `default` must come before the first word that has a family.
      if family != nil {
        throw cursor.refuse("Cannot mix IPv4 and IPv6 addresses for route (\(word))")
      }
      destination = Prefix(address: nil, length: 0)
    } else if word == "default6" {
      cursor.report(.note, "\"default6\" for routes is deprecated. Please use \"::/0\"")
      try fix(.ipv6, cursor)
      destination = Prefix(address: .ipv6(.any), length: 0)
    } else if let prefix = try cursor.prefix(), let address = prefix.address {
      try fix(address.family, cursor)
      destination = prefix
    } else {
      throw cursor.refuse("unknown route keyword \(word)")
    }
  }

  /// What depends on several words.
  fileprivate func completed(_ cursor: LineCursor) throws(LineStop) -> RouteLine {
    guard let destination else { throw cursor.refuse("Route must have a destination") }
    var route = route
    route.family = family ?? .ipv4
    route.position = LinePosition(cursor.line.location)
    route.destination = destination
    if let givenProtocol {
      if route.noTrack {
        route.routeProtocol = givenProtocol
      } else if givenProtocol != route.routeProtocol {
        cursor.report(
          "Route cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol")
      }
    }
    if let alternative {
      route.nexthops = [route.via, alternative].map { address in
        var hop = RouteLine.NextHop()
        hop.via = address
        return hop
      }
      route.via = nil
    }
    if route.trackGroup != nil && route.device == nil {
      cursor.report("Static route cannot have track group if no oif specified")
      route.trackGroup = nil
    }
    if route.trackGroup != nil && route.noTrack {
      cursor.report(.note, "Static route has track_group and no_track - ignoring track_group")
      route.trackGroup = nil
    }
    return route
  }
}
