/// How a unicast version 3 router over IPv4 computes the pseudo header of its checksum.
package enum UnicastChecksum: Hashable, Sendable {
  /// RFC 5798 5.2.8; the checksum of old keepalived versions is accepted too.
  case automatic
  /// `old_unicast_checksum never`: RFC 5798 5.2.8 alone.
  case standard
  /// `old_unicast_checksum`: the destination in the pseudo header is the multicast group.
  case old
}
