import CNetlink
package import Primitives

/// What happened to a link, an address, a route or a rule.
package enum NetworkEvent: Sendable {
  case link(NetworkInterface)
  case linkDeleted(NetworkInterface)
  case address(InterfaceAddress)
  case addressDeleted(InterfaceAddress)
  case route(InstalledRoute)
  case routeDeleted(InstalledRoute)
  case ruleDeleted(RuleAssignment)

  package init?(_ message: NetlinkMessage) {
    let event: NetworkEvent? =
      switch Int(message.type) {
      case RTM_NEWLINK: NetworkInterface(message).map(Self.link)
      case RTM_DELLINK: NetworkInterface(message).map(Self.linkDeleted)
      case RTM_NEWADDR: InterfaceAddress(message).map(Self.address)
      case RTM_DELADDR: InterfaceAddress(message).map(Self.addressDeleted)
      case RTM_NEWROUTE: InstalledRoute(message).map(Self.route)
      case RTM_DELROUTE: InstalledRoute(message).map(Self.routeDeleted)
      case RTM_DELRULE: RuleAssignment(message).map(Self.ruleDeleted)
      default: nil
      }
    guard let event else { return nil }
    self = event
  }

  /// The multicast groups that bring what is always of interest.
  package static let groups: [UInt32] = [
    RTNLGRP_LINK.rawValue, RTNLGRP_IPV4_IFADDR.rawValue, RTNLGRP_IPV6_IFADDR.rawValue,
  ]
}

/// What is of interest only while something of ours is among it.
package enum ReportedKind: Hashable, Sendable {
  case routes(AddressFamily)
  case rules(AddressFamily)

  var group: UInt32 {
    switch self {
    case .routes(.ipv4): RTNLGRP_IPV4_ROUTE.rawValue
    case .routes(.ipv6): RTNLGRP_IPV6_ROUTE.rawValue
    case .rules(.ipv4): RTNLGRP_IPV4_RULE.rawValue
    case .rules(.ipv6): RTNLGRP_IPV6_RULE.rawValue
    }
  }
}
