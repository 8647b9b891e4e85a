package import Primitives

/// What makes a virtual router of the old configuration and one of the new the same at reload.
///
/// Name and version do not matter.
package struct RouterIdentity: Hashable, Sendable {
  package var virtualRouterID: VirtualRouterID
  package var family: AddressFamily
  /// The name of the configured interface; empty without one.
  package var configuredInterface: String
  package var isUnicast: Bool
  /// Unicast: the source address. Multicast: the group.
  package var address: IPAddress?
  package var usesVirtualMAC: Bool
  package var usesVirtualMACForAddresses: Bool

  package init(
    virtualRouterID: VirtualRouterID, family: AddressFamily, configuredInterface: String,
    isUnicast: Bool = false, address: IPAddress? = nil, usesVirtualMAC: Bool = false,
    usesVirtualMACForAddresses: Bool = false
  ) {
    self.virtualRouterID = virtualRouterID
    self.family = family
    self.configuredInterface = configuredInterface
    self.isUnicast = isUnicast
    self.address = address
    self.usesVirtualMAC = usesVirtualMAC && !isUnicast
    self.usesVirtualMACForAddresses = usesVirtualMACForAddresses && !isUnicast
  }
}

/// The place of a virtual router in `VirtualRouters`, in configuration order.
///
/// It is valid until the next reload, which gives new ones.
package struct RouterIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: RouterIndex, right: RouterIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
