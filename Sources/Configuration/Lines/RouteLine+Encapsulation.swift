import Primitives

extension RouteLine.Encapsulation {
  static let ip4Words = LineWords("encap ip", words(.ipv4, "tos", "ttl"))
  static let ip6Words = LineWords("encap ip6", words(.ipv6, "tc", "hoplimit"))

  /// Reads what follows `encap`. The options end at the first word that is none, or has no value.
  static func read(_ cursor: inout LineCursor) throws(LineStop) -> RouteLine.Encapsulation {
    guard cursor.following != nil else { throw cursor.refuse("Missing encap type") }
    let type = try cursor.argument()
    switch type {
    case "ip": return .ip(try tunnel(&cursor, ip4Words, type))
    case "ip6": return .ip6(try tunnel(&cursor, ip6Words, type))
    case "mpls": return .mpls(try labels(&cursor))
    case "ila": return .ila(try locator(&cursor))
    default:
      throw cursor.refuse("Unknown encap type - \(type)", expected: "ip, ip6, mpls or ila")
    }
  }

  private typealias Word = LineWord<RouteLine.Tunnel>

  private static func words(_ family: AddressFamily, _ trafficClass: String, _ hopLimit: String)
    -> [LineWord<RouteLine.Tunnel>]
  {
    [
      Word("id", "N", range: "0 to 18446744073709551615", "tunnel id") {
        tunnel, cursor throws(LineStop) in
        tunnel.id = try cursor.number(in: 0...UInt64.max) { "Invalid encap id \($0)" }
      },
      Word("dst", "ADDR", "remote address") { tunnel, cursor throws(LineStop) in
        tunnel.destination = try cursor.address(family)
      },
      Word("src", "ADDR", "local address") { tunnel, cursor throws(LineStop) in
        tunnel.source = try cursor.address(family)
      },
      Word(trafficClass, "NAME|N", range: "0 to 255", "type of service") {
        tunnel, cursor throws(LineStop) in
        let number = try cursor.number(.tos) { "Invalid encap \(trafficClass) \($0)" }
        tunnel.trafficClass = UInt8(truncatingIfNeeded: number)
      },
      Word(hopLimit, "N", range: "0 to 255", "time to live") { tunnel, cursor throws(LineStop) in
        let number = try cursor.number(in: 0...255) { "Invalid encap \(hopLimit) \($0)" }
        tunnel.hopLimit = UInt8(truncatingIfNeeded: number)
      },
      Word("flags", "N", range: "0 to 65535", "flags") { tunnel, cursor throws(LineStop) in
        let number = try cursor.number(in: 0...65535) { "Invalid encap flags \($0)" }
        tunnel.flags = UInt16(truncatingIfNeeded: number)
      },
    ]
  }

  private static func tunnel(
    _ cursor: inout LineCursor, _ words: LineWords<RouteLine.Tunnel>, _ type: String
  ) throws(LineStop) -> RouteLine.Tunnel {
    var tunnel = RouteLine.Tunnel()
    while let next = cursor.following, let word = words[next], cursor.countOfFollowing > 1 {
      _ = cursor.advance()
      try word.handler(&tunnel, &cursor)
    }
    if tunnel.destination == nil && tunnel.id == nil {
      throw cursor.refuse("address or id missing for \(type) encapsulation")
    }
    return tunnel
  }

  /// LABEL[/LABEL…], 20 bits each.
  private static func labels(_ cursor: inout LineCursor) throws(LineStop) -> [UInt32] {
    guard cursor.following != nil else {
      throw cursor.refuse("missing address for MPLS encapsulation")
    }
    let word = try cursor.argument()
    let labels = word.split(separator: "/", omittingEmptySubsequences: false).map {
      String($0).automaticNumber.flatMap { $0 <= 0xf_ffff ? UInt32($0) : nil }
    }
    guard !labels.contains(nil) else {
      throw cursor.refuse(
        "invalid mpls address \(word) for encapsulation", expected: "labels up to 1048575")
    }
    return labels.compactMap(\.self)
  }

  /// Four groups of 16 bits.
  private static func locator(_ cursor: inout LineCursor) throws(LineStop) -> UInt64 {
    guard cursor.following != nil else {
      throw cursor.refuse("missing locator for ILA encapsulation")
    }
    let word = try cursor.argument()
    let groups = word.split(separator: ":", omittingEmptySubsequences: false)
      .compactMap { UInt16($0, radix: 16) }
    guard groups.count == 4, word.count(where: { $0 == ":" }) == 3 else {
      throw cursor.refuse(
        "invalid locator \(word) for ila encapsulation", expected: "four groups of hex digits")
    }
    return groups.reduce(0) { $0 << 16 | UInt64($1) }
  }
}

extension LineCursor {
  fileprivate mutating func address(_ family: AddressFamily) throws(LineStop) -> IPAddress {
    let address = try address { "invalid address \($0) for encapsulation" }
    guard address.family == family else {
      throw refuse("\(address) is not an IPv\(family.version) address")
    }
    return address
  }
}
