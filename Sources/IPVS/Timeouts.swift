package import Configuration

/// How long IPVS keeps connections that are silent, in seconds. Setting 0 changes nothing.
package struct Timeouts: Hashable, Sendable {
  package var tcp: UInt32
  package var tcpFin: UInt32
  package var udp: UInt32

  package init(tcp: UInt32, tcpFin: UInt32, udp: UInt32) {
    self.tcp = tcp
    self.tcpFin = tcpFin
    self.udp = udp
  }

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
