package import Primitives

/// What became of a packet, for the loop that reads the socket.
package enum Reception: Hashable, Sendable {
  /// A virtual router has seen it. A second one for the same VRID ends the turn of the socket.
  case processed(VirtualRouterID)
  case ignored
  /// Too short: ends the turn of the socket.
  case malformed
}

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

/// The virtual routers that share a socket, by VRID.
package struct ReceiveTable: Sendable {
  package let family: AddressFamily
  /// Several unicast routers may have one VRID if their peers differ.
  private var candidates: [[RouterIndex]] = Array(repeating: [], count: 256)

  package init(family: AddressFamily) { self.family = family }

  package mutating func insert(_ router: RouterIndex, _ id: VirtualRouterID) {
    candidates[Int(id.rawValue)].append(router)
  }

  func routers(_ id: VirtualRouterID) -> [RouterIndex] { candidates[Int(id.rawValue)] }
}

/// What the election needs of a received advertisement that passed the checks.
struct Advertisement {
  var source: IPAddress
  var priority: Priority
  /// Version 3: the sender's interval; version 2: ours, which it must be.
  var interval: Microseconds
}
