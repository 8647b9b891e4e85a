import Primitives

/// A change of a table of nftables, with all that an error message names.
package struct MarkRequest: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// No error if it is there.
    case makeTable
    /// With all that is in it.
    case deleteTable
    case makeChain(priority: Int32)
    case makeMap(TransportProtocol, hasCounters: Bool)
    /// The rule that looks up in the map.
    case makeRule(TransportProtocol, hasCounter: Bool)
    case addElements(TransportProtocol, [MarkTable.Element])
    case deleteElements(TransportProtocol, [MarkTable.Element])
  }

  /// Elements of one request: some two thousand octets.
  static let elementLimit = 32

  package let table: MarkTable.Identity
  package let action: Action

  package init(_ table: MarkTable.Identity, _ action: Action) {
    self.table = table
    self.action = action
  }

  /// The line of the log about a failure; `systemText` is the C library's text for its number.
  package func complaint(_ failure: RequestFailure, systemText: String) -> String {
    let place = "\(table.family == .ipv4 ? "ip" : "ip6") \(table.name)"
    return "nftables \(asked(in: place)) error: \(systemText)(\(failure.rawValue))"
  }

  private func asked(in place: String) -> String {
    switch action {
    case .makeTable: return "NFT_MSG_NEWTABLE \(place)"
    case .deleteTable: return "NFT_MSG_DELTABLE \(place)"
    case .makeChain(let priority): return "NFT_MSG_NEWCHAIN \(place) in priority \(priority)"
    case .makeMap(let transport, _): return "NFT_MSG_NEWSET \(place) \(transport.mapName)"
    case .makeRule(let transport, _):
      return "NFT_MSG_NEWRULE \(place) in map @\(transport.mapName)"
    case .addElements(let transport, let elements):
      return "NFT_MSG_NEWSETELEM \(place) \(transport.mapName) \(Self.text(elements))"
    case .deleteElements(let transport, let elements):
      return "NFT_MSG_DELSETELEM \(place) \(transport.mapName) \(Self.text(elements))"
    }
  }

  private static func text(_ elements: [MarkTable.Element]) -> String {
    guard let first = elements.first else { return "{ }" }
    return elements.count == 1 ? "{ \(first) }" : "{ \(first), … } of \(elements.count)"
  }
}

extension TransportProtocol {
  /// The name of its map.
  package var mapName: String { "\(rawValue)_map" }
}
