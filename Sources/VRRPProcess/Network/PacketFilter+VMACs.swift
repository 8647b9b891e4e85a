import Firewall
import Primitives

/// VMACs as the packet filter sees them: of the group memberships on one others hear by its parent,
/// with the parent's hardware address, and of the parent's own address they hear nothing by it.
extension PacketFilter {
  struct VMAC: Hashable {
    var name: String
    /// The kernel's indices of it and of the interface that it is on.
    var index: InterfaceIndex
    var parent: InterfaceIndex
    /// Of the addresses that it may carry.
    var families: Set<AddressFamily>
    /// The link-local address of its parent, if that has one.
    var parentAddress: IPv6Address?
  }

  /// One has come, or is another one under its name, or its parent has another address.
  func vmacChanged(_ vmac: VMAC) {
    let owner = vmacOwners[vmac.name] ?? newOwner()
    vmacOwners[vmac.name] = owner
    want(elements(of: vmac), by: owner)
  }

  /// It is gone, or about to go.
  func vmacRemoved(_ name: String) {
    guard let owner = vmacOwners.removeValue(forKey: name) else { return }
    want([], by: owner)
  }

  private func elements(of vmac: VMAC) -> [FilterElement] {
    var elements: [FilterElement] = []
    let interface = FilterInterface(vmac.index, vmac.name)
    // Without reports of local groups there are none to be sent another way.
    if vmac.families.contains(.ipv4) && !disablesLocalIGMP {
      elements.append(.macvlan(.ipv4, interface, parent: vmac.parent))
    }
    if vmac.families.contains(.ipv6) {
      elements.append(.macvlan(.ipv6, interface, parent: vmac.parent))
      if let address = vmac.parentAddress {
        elements.append(.parentAddress(address, vmac: interface))
      }
    }
    return elements
  }
}
