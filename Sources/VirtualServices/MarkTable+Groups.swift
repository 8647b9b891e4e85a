package import Configuration
package import IPVS
import Primitives

extension MarkTable {
  /// The tables of a configuration, IPv4 first; none without groups that have marks.
  package static func tables(
    _ configuration: LVSConfiguration, marks: GroupMarks, settings: GlobalDefinitions.NFTables?,
    hasCounters: Bool
  ) -> [MarkTable] {
    guard let settings else { return [] }
    return [AddressFamily.ipv4, .ipv6].compactMap { family in
      var builders: [MapBuilder] = []
      for (group, transport) in configuration.markedUses {
        guard let mark = marks[group.name, transport], group.entries.families.contains(family)
        else { continue }
        let known = builders.firstIndex { $0.transport == transport }
        if known == nil { builders.append(MapBuilder(transport: transport)) }
        builders[known ?? builders.endIndex - 1].add(group, family, mark: mark)
      }
      if builders.isEmpty { return nil }
      return MarkTable(
        Identity(name: settings.table, family: family), priority: settings.priority,
        hasCounters: hasCounters,
        maps: builders.map { Map(transport: $0.transport, elements: $0.elements()) })
    }
  }
}

/// The elements of one map. Where groups overlap the first one counts; a port counts before the
/// entry for all ports, as it does in IPVS.
private struct MapBuilder {
  let transport: TransportProtocol
  private var ofPort: [UInt16: AddressCoverage] = [:]
  private var withPort: [MarkTable.Element] = []
  private var ofAllPorts: [MarkTable.Element] = []

  init(transport: TransportProtocol) { self.transport = transport }

  mutating func add(_ group: VirtualServerGroup, _ family: AddressFamily, mark: UInt32) {
    for case .addresses(let range) in group.entries
    where range.first.family == family && range.first <= range.last {
      let pieces = ofPort[range.port, default: AddressCoverage()].insert(range.first...range.last)
      for piece in pieces {
        if range.port == 0 {
          ofAllPorts.append(.init(addresses: piece, ports: 0...UInt16.max, mark: mark))
        } else {
          withPort.append(.init(addresses: piece, ports: range.port...range.port, mark: mark))
        }
      }
    }
  }

  func elements() -> [MarkTable.Element] {
    withPort + ofAllPorts.flatMap { $0.without(withPort) }
  }
}

extension MarkTable.Element {
  /// What is left of it.
  fileprivate func without(_ others: [MarkTable.Element]) -> [MarkTable.Element] {
    var pieces = [self]
    for other in others where overlaps(other) {
      var rest: [MarkTable.Element] = []
      for piece in pieces {
        if piece.overlaps(other) { rest += piece.without(other) } else { rest.append(piece) }
      }
      pieces = rest
    }
    return pieces
  }

  private func overlaps(_ other: MarkTable.Element) -> Bool {
    addresses.overlaps(other.addresses) && ports.overlaps(other.ports)
  }

  /// Of one that overlaps it.
  private func without(_ other: MarkTable.Element) -> [MarkTable.Element] {
    var pieces: [MarkTable.Element] = []
    func append(_ addresses: ClosedRange<IPAddress>, _ ports: ClosedRange<UInt16>) {
      pieces.append(MarkTable.Element(addresses: addresses, ports: ports, mark: mark))
    }
    if addresses.lowerBound < other.addresses.lowerBound,
      let last = other.addresses.lowerBound.predecessor
    {
      append(addresses.lowerBound...last, ports)
    }
    if other.addresses.upperBound < addresses.upperBound,
      let first = other.addresses.upperBound.successor
    {
      append(first...addresses.upperBound, ports)
    }
    let common = addresses.clamped(to: other.addresses)
    if ports.lowerBound < other.ports.lowerBound {
      append(common, ports.lowerBound...other.ports.lowerBound - 1)
    }
    if other.ports.upperBound < ports.upperBound {
      append(common, other.ports.upperBound + 1...ports.upperBound)
    }
    return pieces
  }
}
