package import Configuration
package import IPVS
import Primitives

/// The marks that stand for groups of addresses, one for each transport: nftables gives it to the
/// packets for the group, and IPVS has a service for it.
package struct GroupMarks: Hashable, Sendable {
  private struct Use: Hashable {
    var group: String
    var transport: TransportProtocol
  }

  private var marks: [Use: UInt32] = [:]
  /// The configured first mark, and the one that is looked at next.
  private var start: UInt32?
  private var next: UInt32 = 0

  package init() {}

  /// The mark of a group; nil: nftables has nothing to do with it.
  package subscript(group: String, transport: TransportProtocol) -> UInt32? {
    marks[Use(group: group, transport: transport)]
  }

  /// Gives marks from `start` on, in the order of the virtual servers; nil: nftables is not used.
  /// What has one already keeps it. What a configuration marks itself is left out, and what has
  /// become free is not given again soon: packets on their way still have it.
  package mutating func assign(_ configuration: LVSConfiguration, from start: UInt32?) {
    let old = marks
    marks = [:]
    guard let start else { return }
    if start != self.start { next = start }
    self.start = start
    let configured = configuration.marks
    let uses = configuration.markedUses.map { Use(group: $0.group.name, transport: $0.transport) }
    for use in uses {
      if let mark = old[use], !configured.contains(mark) { marks[use] = mark }
    }
    var taken = configured.union(marks.values)
    for use in uses where marks[use] == nil {
      // Ends: there are fewer uses than numbers.
      while taken.contains(next) { advance() }
      marks[use] = next
      taken.insert(next)
      advance()
    }
  }

  /// Behind the last number comes 1: 0 is no mark.
  private mutating func advance() {
    next = next == .max ? 1 : next + 1
  }
}

extension LVSConfiguration {
  /// The groups that nftables can mark with the transports of their virtual servers, in order, each
  /// pair once.
  var markedUses: [(group: VirtualServerGroup, transport: TransportProtocol)] {
    // Compatibility: the first group of a name is the one that counts.
    let groups = Dictionary(groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: [String: Set<TransportProtocol>] = [:]
    return virtualServers.compactMap { server in
      guard case .group(let name, _) = server.service, let group = groups[name],
        group.entries.areAddresses
      else { return nil }
      let transport = server.transport ?? .udp
      guard seen[name, default: []].insert(transport).inserted else { return nil }
      return (group, transport)
    }
  }

  /// The marks that the configuration names.
  fileprivate var marks: Set<UInt32> {
    var marks: Set<UInt32> = []
    for case .mark(let mark) in virtualServers.map(\.service) { marks.insert(mark) }
    for case .mark(let mark, _) in groups.flatMap(\.entries) { marks.insert(mark) }
    return marks
  }
}

extension [VirtualServerGroup.Entry] {
  /// Addresses and nothing else.
  fileprivate var areAddresses: Bool {
    !isEmpty
      && allSatisfy { entry in
        if case .addresses = entry { true } else { false }
      }
  }

  /// The families of the addresses, IPv4 first.
  var families: [AddressFamily] {
    var found: Set<AddressFamily> = []
    for case .addresses(let range) in self { found.insert(range.first.family) }
    return [.ipv4, .ipv6].filter(found.contains)
  }
}
