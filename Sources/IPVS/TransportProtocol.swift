/// A transport protocol that IPVS balances.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
  case tcp, udp, sctp

  /// In an IP header.
  package var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }
}
