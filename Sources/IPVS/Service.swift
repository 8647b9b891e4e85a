package import Primitives

/// A virtual service of IPVS: what clients speak to, and how it is balanced.
package struct Service: Hashable, Sendable {
  /// By which the kernel tells services apart.
  package enum Identity: Hashable, Sendable {
    /// Port 0: all ports.
    case address(IPAddress, port: UInt16, TransportProtocol)
    case mark(UInt32, AddressFamily)

    package var family: AddressFamily {
      switch self {
      case .address(let address, _, _): address.family
      case .mark(_, let family): family
      }
    }
  }

  /// What an existing service can change.
  package struct Settings: Hashable, Sendable {
    /// The kernel's name of the scheduler.
    package var scheduler: String
    package var schedulerFlags: SchedulerFlags
    package var isOnePacket: Bool
    package var persistence: Persistence?

    package init(
      scheduler: String, schedulerFlags: SchedulerFlags = [],
      isOnePacket: Bool = false, persistence: Persistence? = nil
    ) {
      self.scheduler = scheduler
      self.schedulerFlags = schedulerFlags
      self.isOnePacket = isOnePacket
      self.persistence = persistence
    }
  }

  package var identity: Identity
  package var settings: Settings

  package init(_ identity: Identity, _ settings: Settings) {
    self.identity = identity
    self.settings = settings
  }
}

extension Service.Identity: CustomStringConvertible {
  /// As the log names it: `10.0.0.1:tcp:80`, `Fwm 5`, `Fwm 5 inet6`.
  package var description: String {
    switch self {
    case .address(let address, let port, let transport): "\(address):\(transport.rawValue):\(port)"
    case .mark(let mark, .ipv4): "Fwm \(mark)"
    case .mark(let mark, .ipv6): "Fwm \(mark) inet6"
    }
  }
}
