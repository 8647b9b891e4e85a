package import IPVS
package import Primitives

/// `real_server ADDR [PORT] { … }`, all defaults filled in.
package struct RealServer: Hashable, Sendable {
  package var address: IPAddress
  /// In IPVS; 0: that of the packet.
  package var port: UInt16
  package var weight: UInt32 = 1
  package var forwarding = Forwarding.nat
  package var upperThreshold: UInt32 = 0
  package var lowerThreshold: UInt32 = 0
  /// A failed server keeps its place with weight 0.
  package var inhibitsOnFailure = false
  package var notifyUp: Script?
  package var notifyDown: Script?
  package var smtpAlert = true
  package var virtualHost: String?
  package var snmpName: String?
  /// In the order of the text.
  package var checkers: [Checker] = []

  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}
