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
}
