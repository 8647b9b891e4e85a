package import Primitives

/// A destination of a service: a real server or a sorry server, with what IPVS knows of it.
package struct Destination: Hashable, Sendable {
  /// By which the kernel tells the destinations of one service apart.
  package struct Identity: Hashable, Sendable {
    package var address: IPAddress
    /// 0: the port of the packet.
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
      self.address = address
      self.port = port
    }
  }

  package var identity: Identity
  package var forwarding: Forwarding
  package var weight: UInt32
  /// Connections from which on no new ones come; 0: no limit.
  package var upperThreshold: UInt32
  /// Connections below which new ones come again.
  package var lowerThreshold: UInt32

  package init(
    _ identity: Identity, forwarding: Forwarding = .nat, weight: UInt32,
    upperThreshold: UInt32 = 0, lowerThreshold: UInt32 = 0
  ) {
    self.identity = identity
    self.forwarding = forwarding
    self.weight = weight
    self.upperThreshold = upperThreshold
    self.lowerThreshold = lowerThreshold
  }

  /// The port that it has behind a service of `servicePort`, 0 for a mark: only NAT can change the
  /// port of a packet.
  package func behind(servicePort: UInt16) -> Destination {
    if case .nat = forwarding { return self }
    var destination = self
    destination.identity.port = servicePort
    return destination
  }
}

extension Destination.Identity: CustomStringConvertible {
  package var description: String { "\(address):\(port)" }
}
