/// Something of a network namespace that rtnetlink adds and removes.
package enum NetworkObject: Hashable, Sendable {
  case address(AddressAssignment)
  case link(VirtualLink)

  fileprivate var addition: NetlinkRequest {
    switch self {
    case .address(let address): address.addition
    case .link(let link): link.addition
    }
  }

  fileprivate var removal: NetlinkRequest {
    switch self {
    case .address(let address): address.removal
    case .link(let link): link.removal
    }
  }
}

/// A change of what a network namespace holds.
package enum NetworkChange: Hashable, Sendable {
  case add(NetworkObject)
  case remove(NetworkObject)
  case set(LinkSettings)
  /// All links of a group at once: the kernel waits for what still uses them once, not for each.
  case removeLinks(group: UInt32)

  package var request: NetlinkRequest {
    switch self {
    case .add(let object): object.addition
    case .remove(let object): object.removal
    case .set(let settings): settings.request
    case .removeLinks(let group): VirtualLink.removal(ofGroup: group)
    }
  }
}
