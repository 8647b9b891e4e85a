package import Primitives

/// An interface as the kernel has it now.
package struct FilterInterface: Hashable, Sendable {
  package var index: InterfaceIndex
  package var name: String

  package init(_ index: InterfaceIndex, _ name: String) {
    self.index = index
    self.name = name
  }
}

/// What packets are recognised by, whatever filters them.
package enum FilterElement: Hashable, Sendable {
  /// A virtual address that nobody may reach here (RFC 5798 6.1, Accept_Mode).
  case address(IPAddress)
  /// A link-local one, which means something on one interface only.
  case linkLocal(IPv6Address, on: FilterInterface)
  /// The same where the interface may be another one under its name.
  case linkLocalByName(IPv6Address, on: String)
  /// A VMAC, whose group reports leave by its parent.
  case macvlan(AddressFamily, FilterInterface, parent: InterfaceIndex)
  /// The parent's link-local address, which its VMAC does not advertise.
  case parentAddress(IPv6Address, vmac: FilterInterface)

  package var family: AddressFamily {
    switch self {
    case .address(let address): address.family
    case .macvlan(let family, _, _): family
    case .linkLocal, .linkLocalByName, .parentAddress: .ipv6
    }
  }

  /// What it needs in the table.
  var part: FilterPart {
    switch self {
    case .address: .addresses
    case .linkLocal: .linkLocal
    case .linkLocalByName: .linkLocalByName
    case .macvlan, .parentAddress: .vmacs
    }
  }

  /// The elements of sets of nftables that it stands for.
  func entries(_ settings: FilterSettings) -> [FilterEntry] {
    switch self {
    case .address(let address): [FilterEntry(.vips, address.octets)]
    case .linkLocal(let address, let interface):
      [FilterEntry(.vipsLinkLocal, address.octets + interface.index.octets)]
    case .linkLocalByName(let address, let name):
      [FilterEntry(.vipsLinkLocalName, address.octets + name.interfaceOctets)]
    case .macvlan(.ipv4, let vmac, let parent):
      [FilterEntry(.vmacMap, vmac.index.octets, parent.octets)]
    case .macvlan(.ipv6, let vmac, let parent):
      [
        FilterEntry(.vmacMap, vmac.index.octets, parent.octets),
        FilterEntry(.vmacSet, vmac.index.octets),
      ]
    case .parentAddress(let address, let vmac):
      [
        FilterEntry(
          .parentLinkLocal,
          address.octets
            + (settings.usesIndexes ? vmac.index.octets : vmac.name.interfaceOctets))
      ]
    }
  }
}

/// An element as the kernel has it.
package struct FilterEntry: Hashable, Sendable {
  package var set: FilterSet
  package var key: [UInt8]
  /// Of a map.
  package var data: [UInt8]?

  init(_ set: FilterSet, _ key: [UInt8], _ data: [UInt8]? = nil) {
    self.set = set
    self.key = key
    self.data = data
  }
}

extension IPAddress {
  /// In network order.
  package var octets: [UInt8] {
    switch self {
    case .ipv4(let address):
      [address.octets.0, address.octets.1, address.octets.2, address.octets.3]
    case .ipv6(let address): address.octets
    }
  }
}

extension IPv6Address {
  /// In network order.
  var octets: [UInt8] { (0..<16).map { self[octet: $0] } }
}

extension InterfaceIndex {
  /// In the order of this machine.
  var octets: [UInt8] {
    let isLittle = UInt32(1).littleEndian == 1
    return (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> ((isLittle ? $0 : 3 - $0) * 8)) }
  }
}

extension String {
  /// As the kernel holds the name of an interface, or of a kind of them.
  var interfaceOctets: [UInt8] {
    let name = Array(utf8.prefix(15))
    return name + Array(repeating: 0, count: 16 - name.count)
  }
}
