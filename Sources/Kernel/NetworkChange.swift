/// Something of a network namespace that rtnetlink adds and removes.
package enum NetworkObject: Hashable, Sendable {
  case address(AddressAssignment)
  case route(RouteAssignment)
  case rule(RuleAssignment)
  case link(VirtualLink)

  fileprivate var addition: NetlinkRequest {
    switch self {
    case .address(let address): address.addition
    case .route(let route): route.addition
    case .rule(let rule): rule.addition
    case .link(let link): link.addition
    }
  }

  /// Where there is no other way it is added as it is.
  fileprivate var replacement: NetlinkRequest {
    switch self {
    case .address(let address): address.addition
    case .route(let route): route.replacement
    case .rule(let rule): rule.addition
    case .link(let link): link.addition
    }
  }

  fileprivate var removal: NetlinkRequest {
    switch self {
    case .address(let address): address.removal
    case .route(let route): route.removal
    case .rule(let rule): rule.removal
    case .link(let link): link.removal
    }
  }
}

/// A change of what a network namespace holds.
package enum NetworkChange: Hashable, Sendable {
  case add(NetworkObject)
  /// In the place of an equal one, without a moment in which there is neither.
  case replace(NetworkObject)
  case remove(NetworkObject)
  case set(LinkSettings)
  /// All links of a group at once: the kernel waits for what still uses them once, not for each.
  case removeLinks(group: UInt32)

  package var request: NetlinkRequest {
    switch self {
    case .add(let object): object.addition
    case .replace(let object): object.replacement
    case .remove(let object): object.removal
    case .set(let settings): settings.request
    case .removeLinks(let group): VirtualLink.removal(ofGroup: group)
    }
  }
}
