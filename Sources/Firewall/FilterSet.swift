import Primitives

/// A set of a table of ours, or its map.
package enum FilterSet: UInt32, Hashable, Sendable {
  case parentLinkLocal = 1
  case vmacMap, vmacSet, listenerReports, vips, neighborDiscovery, vipsLinkLocal
  case vipsLinkLocalName

  package var name: String {
    switch self {
    case .parentLinkLocal: "parent_link_local"
    case .vmacMap: "vmac_map"
    case .vmacSet: "vmac_set"
    case .listenerReports: "mld-report"
    case .vips: "vips"
    case .neighborDiscovery: "neighbor-discovery"
    case .vipsLinkLocal: "vips_link_local"
    case .vipsLinkLocalName: "vips_link_local_name"
    }
  }

  /// What a key consists of.
  package enum Field: Hashable, Sendable {
    case ipv4Address, ipv6Address, interfaceIndex, interfaceName, icmpv6Type
  }

  func key(_ family: AddressFamily, usesIndexes: Bool) -> [Field] {
    switch self {
    case .parentLinkLocal: [.ipv6Address, usesIndexes ? .interfaceIndex : .interfaceName]
    case .vmacMap, .vmacSet: [.interfaceIndex]
    case .listenerReports, .neighborDiscovery: [.icmpv6Type]
    case .vips: [family == .ipv4 ? .ipv4Address : .ipv6Address]
    case .vipsLinkLocal: [.ipv6Address, .interfaceIndex]
    case .vipsLinkLocalName: [.ipv6Address, .interfaceName]
    }
  }

  package var isMap: Bool { self == .vmacMap }

  /// What a set that never changes holds: types of ICMPv6.
  package var constants: [FilterEntry] {
    let types: [UInt8] =
      switch self {
      // RFC 2710 3.1 and RFC 3810 5.2.
      case .listenerReports: [131, 143]
      // RFC 4861 4.3 and 4.4.
      case .neighborDiscovery: [135, 136]
      case .parentLinkLocal, .vmacMap, .vmacSet, .vips, .vipsLinkLocal, .vipsLinkLocalName: []
      }
    return types.map { FilterEntry(self, [$0]) }
  }
}

/// What belongs together in a table, and is there from the first element on that needs it.
package enum FilterPart: Hashable, Sendable {
  case vmacs, addresses, linkLocal, linkLocalByName

  /// What it is built on.
  var foundation: FilterPart? {
    switch self {
    case .vmacs, .addresses: nil
    case .linkLocal, .linkLocalByName: .addresses
    }
  }

  func sets(_ family: AddressFamily) -> [FilterSet] {
    switch (self, family) {
    case (.vmacs, .ipv4): [.vmacMap]
    case (.vmacs, .ipv6): [.parentLinkLocal, .vmacMap, .vmacSet, .listenerReports]
    case (.addresses, .ipv4): [.vips]
    case (.addresses, .ipv6): [.vips, .neighborDiscovery]
    case (.linkLocal, _): [.vipsLinkLocal]
    case (.linkLocalByName, _): [.vipsLinkLocalName]
    }
  }

  func chains(_ family: AddressFamily) -> [FilterChain] {
    switch (self, family) {
    case (.vmacs, _): [.out]
    case (.addresses, .ipv4): [.out, .in]
    case (.addresses, .ipv6): [.out, .in, .inLinkLocal, .outLinkLocal]
    case (.linkLocal, _), (.linkLocalByName, _): []
    }
  }
}
