package import IPVS
package import Primitives

/// `virtual_server … { … }`: a service of IPVS and the servers behind it, all defaults filled in.
package struct VirtualServer: Hashable, Sendable {
  /// What its clients speak to.
  package enum Service: Hashable, Sendable {
    /// Port 0: all ports.
    case address(IPAddress, port: UInt16)
    case mark(UInt32)
    /// `ordinal` counts the virtual servers of one group.
    case group(name: String, ordinal: Int)
  }

  package var service: Service
  /// Nil for a group of addresses of both families.
  package var family: AddressFamily?
  /// Nil for marks.
  package var transport: TransportProtocol?
  /// IPVS's name of the scheduler.
  package var scheduler = "wlc"
  package var schedulerFlags: SchedulerFlags = []
  package var isOnePacket = false
  package var persistence: Persistence?
  /// The default of the real servers.
  package var forwarding = Forwarding.nat
  package var hasHASuspend = false
  package var quorum: UInt32 = 1
  package var hysteresis: UInt32 = 0
  package var quorumUp: Script?
  package var quorumDown: Script?
  /// Tell of everything that goes down when the program ends.
  package var hasOmega = false
  package var smtpAlert = false
  package var snmpName: String?
  package var virtualHost: String?
  /// Also the default time limit of MISC_CHECK.
  package var delayLoop = Microseconds.seconds(60)
  package var sorryServer: SorryServer?
  package var realServers: [RealServer] = []

  package init(service: Service) { self.service = service }
}

/// `sorry_server`: serves while the quorum is lost.
package struct SorryServer: Hashable, Sendable {
  package var address: IPAddress
  package var port: UInt16
  package var forwarding = Forwarding.nat
  package var inhibitsOnFailure = false
  /// It is one of the real servers as well.
  package var isRealServer = false

  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}
