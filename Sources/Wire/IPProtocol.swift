/// A protocol number in an IP header.
package struct IPProtocol: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let authenticationHeader = IPProtocol(rawValue: 51)
  package static let icmpv6 = IPProtocol(rawValue: 58)
  package static let vrrp = IPProtocol(rawValue: 112)
}
