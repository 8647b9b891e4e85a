package import Primitives

/// What the kernel says of a received packet.
///
/// Over IPv4 the packet begins with the IP header, which has it all; over IPv6 it begins with the
/// VRRP header.
package struct ReceiveMetadata: Hashable, Sendable {
  package var source: IPAddress
  package var destination: IPAddress?
  /// Time to live or hop limit; unknown if the kernel did not tell.
  package var hopLimit: UInt8?
  /// The name of the interface, for messages about unknown virtual routers.
  package var interface: InterfaceIndex

  package init(
    source: IPAddress, destination: IPAddress? = nil, hopLimit: UInt8? = nil,
    interface: InterfaceIndex = .none
  ) {
    self.source = source
    self.destination = destination
    self.hopLimit = hopLimit
    self.interface = interface
  }
}
