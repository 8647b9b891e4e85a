package import Primitives

/// An address that the MASTER holds: in the advertisement (`virtual_ipaddress`) or not
/// (`virtual_ipaddress_excluded`).
package struct VirtualAddress: Hashable, Sendable {
  package var address: IPAddress
  package var prefixLength: UInt8
  /// The interface that the address lives on.
  package var interface: InterfaceIndex
  /// The rate limiter of its gratuitous messages, an index into `ProtocolOptions.limiters`.
  package var limiter: Int?
  /// Whether `garp_extra_if` repeats for the first address of this interface.
  package var isOnExtraInterface: Bool
  /// False when the interface does no ARP or neighbour discovery.
  package var isAnnounced: Bool
  /// Everything else that makes it another address at reload (scope, label, flags), as a value that
  /// the configuration computes.
  package var attributes: Int

  package init(
    address: IPAddress, prefixLength: UInt8, interface: InterfaceIndex, limiter: Int? = nil,
    isOnExtraInterface: Bool = false, isAnnounced: Bool = true, attributes: Int = 0
  ) {
    self.address = address
    self.prefixLength = prefixLength
    self.interface = interface
    self.limiter = limiter
    self.isOnExtraInterface = isOnExtraInterface
    self.isAnnounced = isAnnounced
    self.attributes = attributes
  }
}

/// One address of a virtual router.
package enum AddressReference: Hashable, Sendable {
  /// An index into `RouterConfiguration.addresses`.
  case virtual(Int)
  /// An index into `RouterConfiguration.excludedAddresses`.
  case excluded(Int)
  /// The source of the advertisements, on the configured interface.
  case source
}
