package import Primitives

/// The AgentX sub-agent.
package struct SNMPSettings: Hashable, Sendable {
  package var socket: String?
  package var enableTraps = false
  package var enableVRRP = false
  package var enableChecker = false
  package var enableRFCv2 = false
  package var enableRFCv3 = false
  package var vsStatsUpdateInterval = Microseconds.seconds(5)
  /// Falls back to the one of virtual servers.
  package var rsStatsUpdateInterval = Microseconds.seconds(5)

  package init() {}
}

/// The D-Bus service.
package struct DBusSettings: Hashable, Sendable {
  package var enable = false
  package var serviceName = "org.keepalived.Vrrp1"
  package var noInterfaceName = "none"

  package init() {}
}
