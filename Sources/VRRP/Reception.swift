package import Primitives

/// What became of a packet, for the loop that reads the socket.
package enum Reception: Hashable, Sendable {
  /// A virtual router has seen it. A second one for the same VRID ends the turn of the socket.
  case processed(VirtualRouterID)
  case ignored
  /// Too short: ends the turn of the socket.
  case malformed
}
