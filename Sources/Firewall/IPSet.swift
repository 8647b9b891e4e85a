package import Primitives

/// A set of addresses, which rules of iptables look packets up in.
package struct IPSet: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// hash:ip
    case address
    /// hash:net,iface
    case networkAndInterface
  }

  package var name: String
  package var kind: Kind
  package var family: AddressFamily

  package init(name: String, kind: Kind, family: AddressFamily) {
    self.name = name
    self.kind = kind
    self.family = family
  }

  static func all(_ names: IPSetNames, _ family: AddressFamily) -> [IPSet] {
    addresses(names, family) + vmacs(names, family)
  }

  static func addresses(_ names: IPSetNames, _ family: AddressFamily) -> [IPSet] {
    switch family {
    case .ipv4: [IPSet(name: names.ipv4, kind: .address, family: family)]
    case .ipv6:
      [
        IPSet(name: names.ipv6, kind: .address, family: family),
        IPSet(name: names.ipv6Interface, kind: .networkAndInterface, family: family),
      ]
    }
  }

  static func vmacs(_ names: IPSetNames, _ family: AddressFamily) -> [IPSet] {
    let ofFamily = family == .ipv4 ? [names.igmp] : [names.mld, names.neighborDiscovery]
    return ofFamily.map { IPSet(name: $0, kind: .networkAndInterface, family: family) }
  }
}

package struct IPSetEntry: Hashable, Sendable {
  package var set: String
  package var address: IPAddress
  package var prefixLength: UInt8
  package var interface: String?

  /// An element as it is in the sets.
  init(_ element: FilterElement, _ names: IPSetNames) {
    switch element {
    case .address(let address):
      set = address.family == .ipv4 ? names.ipv4 : names.ipv6
      self.address = address
    case .linkLocal(let address, let on):
      set = names.ipv6Interface
      self.address = .ipv6(address)
      interface = on.name
    case .linkLocalByName(let address, let name):
      set = names.ipv6Interface
      self.address = .ipv6(address)
      interface = name
    case .macvlan(let family, let vmac, _):
      // Whatever goes out by it.
      set = family == .ipv4 ? names.igmp : names.mld
      address = family == .ipv4 ? .ipv4(IPv4Address(bits: 0)) : .ipv6(.any)
      interface = vmac.name
      prefixLength = 0
      return
    case .parentAddress(let address, let vmac):
      set = names.neighborDiscovery
      self.address = .ipv6(address)
      interface = vmac.name
    }
    prefixLength = address.family.hostPrefixLength
  }
}
