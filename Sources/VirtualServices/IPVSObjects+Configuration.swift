package import Configuration
package import IPVS
import Primitives

/// The objects of IPVS as the words of the configuration describe them.
extension Service.Settings {
  package init(_ server: VirtualServer) {
    self.init(
      scheduler: server.scheduler, schedulerFlags: server.schedulerFlags,
      isOnePacket: server.isOnePacket, persistence: server.persistence)
  }
}

extension Destination {
  /// With the port as configured: which one it gets goes by the service.
  package init(_ server: RealServer, weight: UInt32) {
    self.init(
      Identity(address: server.address, port: server.port), forwarding: server.forwarding,
      weight: weight, upperThreshold: server.upperThreshold,
      lowerThreshold: server.lowerThreshold)
  }

  package init(_ server: SorryServer, weight: UInt32 = 1) {
    self.init(
      Identity(address: server.address, port: server.port), forwarding: server.forwarding,
      weight: weight)
  }
}

extension SyncDaemon {
  /// `defaultID` counts where the configuration has none.
  package init(_ role: Role, _ configured: LVSGlobals.SyncDaemon, defaultID: UInt8) {
    self.init(role, interface: configured.interface, syncID: configured.id ?? defaultID)
    maxLength = configured.maxLength
    port = configured.port
    ttl = configured.ttl
    group = configured.group
  }
}

extension Timeouts {
  /// These, where the configuration says nothing else.
  package func replaced(by configured: LVSGlobals) -> Timeouts {
    func value(_ configured: UInt32?, _ original: UInt32) -> UInt32 {
      // Compatibility: 0 is the same as nothing.
      configured.flatMap { $0 == 0 ? nil : $0 } ?? original
    }
    return Timeouts(
      tcp: value(configured.timeoutTCP, tcp), tcpFin: value(configured.timeoutTCPFin, tcpFin),
      udp: value(configured.timeoutUDP, udp))
  }
}
