import Firewall
import Primitives

/// VMACs as the packet filter sees them: of the group memberships on one others hear by its parent,
/// with the parent's hardware address, and of the parent's own address they hear nothing by it.
extension PacketFilter: VirtualLinkObserver {
  func virtualLinksCame(_ links: [VirtualLinkReport]) {
    for link in links where link.isFiltered {
      let owner = vmacOwners[link.name] ?? newOwner()
      vmacOwners[link.name] = owner
      writer.want(elements(of: link), by: owner)
    }
    writer.commit()
  }

  func virtualLinksGo(_ links: [VirtualLinkReport]) {
    for link in links {
      guard let owner = vmacOwners.removeValue(forKey: link.name) else { continue }
      writer.want([], by: owner)
    }
    writer.commit()
  }

  private func elements(of link: VirtualLinkReport) -> [FilterElement] {
    var elements: [FilterElement] = []
    let interface = FilterInterface(link.index, link.name)
    // Without reports of local groups there are none to be sent another way.
    if link.families.contains(.ipv4) && !disablesLocalIGMP {
      elements.append(.macvlan(.ipv4, interface, parent: link.parentIndex))
    }
    if link.families.contains(.ipv6) {
      elements.append(.macvlan(.ipv6, interface, parent: link.parentIndex))
      if case .ipv6(let address) = link.parentLinkLocal {
        elements.append(.parentAddress(address, vmac: interface))
      }
    }
    return elements
  }
}
