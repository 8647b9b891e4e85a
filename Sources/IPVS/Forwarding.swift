/// `lb_kind`, `lvs_method`: how a packet reaches a real server.
package enum Forwarding: Hashable, Sendable {
  case nat
  case direct
  case tunnel(Tunnel)

  package enum Tunnel: Hashable, Sendable {
    case ipip
    case gue(port: UInt16, Checksum)
    case gre(Checksum)
  }

  package enum Checksum: UInt16, Hashable, Sendable { case none, local, remote }
}
