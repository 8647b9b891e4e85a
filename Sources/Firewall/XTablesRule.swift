package import Primitives

/// A rule of the table `filter` of iptables or ip6tables; what is nil is not looked at.
package struct XTablesRule: Hashable, Sendable {
  package enum Way: Hashable, Sendable { case input, output }
  /// Which address or interface of the packet a field of a set is compared with.
  package enum Side: Hashable, Sendable { case source, destination }

  package struct SetMatch: Hashable, Sendable {
    package var name: String
    package var sides: [Side]
  }

  package var way: Way
  package var accepts = false
  package var source: IPAddress?
  package var destination: IPAddress?
  /// The interface that the packet comes in or goes out by.
  package var interface: String?
  package var protocolNumber: UInt8?
  package var icmpv6Type: UInt8?
  package var set: SetMatch?
  /// It goes to the top of its chain, not to the end.
  package var isFirst = false

  init(_ way: Way) { self.way = way }

  private static let igmp: UInt8 = 2
  private static let icmpv6: UInt8 = 58
  /// RFC 4861 4.3 and 4.4; RFC 2710 3.1 and RFC 3810 5.2.
  private static let solicitation: UInt8 = 135
  private static let advertisement: UInt8 = 136
  private static let reports: [UInt8] = [143, 131]

  private func with(_ change: (inout XTablesRule) -> Void) -> XTablesRule {
    var rule = self
    change(&rule)
    return rule
  }

  private func icmpv6(_ type: UInt8, accepts: Bool = false) -> XTablesRule {
    with { rule in
      rule.protocolNumber = Self.icmpv6
      rule.icmpv6Type = type
      rule.accepts = accepts
    }
  }

  /// Neighbour discovery of IPv6 goes on before anything is dropped.
  private var dropping: [XTablesRule] {
    [icmpv6(Self.solicitation, accepts: true), icmpv6(Self.advertisement, accepts: true), self]
  }

  private func looking(in set: String, _ sides: Side...) -> XTablesRule {
    with { $0.set = SetMatch(name: set, sides: sides) }
  }

  // MARK: With sets

  /// Once for all addresses of a family.
  static func addresses(_ sets: IPSetNames, _ family: AddressFamily) -> [XTablesRule] {
    switch family {
    case .ipv4:
      return [
        XTablesRule(.input).looking(in: sets.ipv4, .destination),
        XTablesRule(.output).looking(in: sets.ipv4, .source),
      ]
    case .ipv6:
      return [
        XTablesRule(.input).looking(in: sets.ipv6Interface, .destination, .source),
        XTablesRule(.input).looking(in: sets.ipv6, .destination),
        XTablesRule(.output).looking(in: sets.ipv6Interface, .source, .destination),
        XTablesRule(.output).looking(in: sets.ipv6, .source),
      ].flatMap(\.dropping)
    }
  }

  /// Once for all VMACs.
  static func vmacs(_ sets: IPSetNames, _ family: AddressFamily) -> [XTablesRule] {
    let rule = XTablesRule(.output)
    switch family {
    case .ipv4:
      return [
        rule.looking(in: sets.igmp, .destination, .destination)
          .with { $0.protocolNumber = Self.igmp }
      ]
    case .ipv6:
      let reports = rule.looking(in: sets.mld, .destination, .destination)
      let advertisements = rule.looking(in: sets.neighborDiscovery, .source, .destination)
      return Self.reports.map { reports.icmpv6($0) }
        + [advertisements.icmpv6(Self.advertisement)]
    }
  }

  // MARK: Without sets

  /// For one element.
  static func single(_ element: FilterElement) -> [XTablesRule] {
    switch element {
    case .address(let address): return both(address, nil)
    case .linkLocal(let address, let interface): return both(.ipv6(address), interface.name)
    case .linkLocalByName(let address, let name): return both(.ipv6(address), name)
    case .macvlan(.ipv4, let vmac, _):
      return [first(vmac.name) { $0.protocolNumber = igmp }]
    case .macvlan(.ipv6, let vmac, _):
      return reports.map { type in first(vmac.name) { $0 = $0.icmpv6(type) } }
    case .parentAddress(let address, let vmac):
      return [
        first(vmac.name) { rule in
          rule = rule.icmpv6(advertisement)
          rule.source = .ipv6(address)
        }
      ]
    }
  }

  private static func first(
    _ interface: String, _ change: (inout XTablesRule) -> Void
  ) -> XTablesRule {
    XTablesRule(.output).with { rule in
      rule.interface = interface
      rule.isFirst = true
      change(&rule)
    }
  }

  private static func both(_ address: IPAddress, _ interface: String?) -> [XTablesRule] {
    let output = XTablesRule(.output).with {
      $0.source = address
      $0.interface = interface
    }
    let input = XTablesRule(.input).with {
      $0.destination = address
      $0.interface = interface
    }
    switch address.family {
    case .ipv4: return [input, output]
    case .ipv6: return output.dropping + input.dropping
    }
  }
}
