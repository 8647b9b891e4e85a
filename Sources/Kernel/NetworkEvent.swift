import CNetlink

/// What happened to a link or an address.
package enum NetworkEvent: Sendable {
  case link(NetworkInterface)
  case linkDeleted(NetworkInterface)
  case address(InterfaceAddress)
  case addressDeleted(InterfaceAddress)

  package init?(_ message: NetlinkMessage) {
    switch Int32(message.type) {
    case Int32(RTM_NEWLINK):
      guard let link = NetworkInterface(message) else { return nil }
      self = .link(link)
    case Int32(RTM_DELLINK):
      guard let link = NetworkInterface(message) else { return nil }
      self = .linkDeleted(link)
    case Int32(RTM_NEWADDR):
      guard let address = InterfaceAddress(message) else { return nil }
      self = .address(address)
    case Int32(RTM_DELADDR):
      guard let address = InterfaceAddress(message) else { return nil }
      self = .addressDeleted(address)
    default: return nil
    }
  }

  /// The multicast groups that bring them.
  package static let groups: [UInt32] = [
    RTNLGRP_LINK.rawValue, RTNLGRP_IPV4_IFADDR.rawValue, RTNLGRP_IPV6_IFADDR.rawValue,
  ]
}
