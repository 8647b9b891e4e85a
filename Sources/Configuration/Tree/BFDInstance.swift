package import Primitives

/// A `bfd_instance`: a session with a neighbor (RFC 5880).
///
/// A keyword's property is its spelling in camel case. What only VRRP needs (`weight`) is in
/// `TrackedBFD`.
package struct BFDInstance: Hashable, Sendable {
  /// Octets of a name.
  package static let longestName = 31

  package var name: String
  package var neighborIP: IPAddress
  package var sourceIP: IPAddress?
  package var minRx = Microseconds.milliseconds(10)
  package var minTx = Microseconds.milliseconds(10)
  package var idleTx = Microseconds.seconds(1)
  package var multiplier: UInt8 = 5
  package var isPassive = false
  package var ttl: UInt8
  /// 255: any number of hops.
  package var maxHops: UInt8 = 0
  package var isMultihop = false
  /// Whether the VRRP process gets its events.
  package var vrrp = true
  /// Whether the checker process gets its events.
  package var checker = true

  package init(name: String, neighborIP: IPAddress) {
    self.name = name
    self.neighborIP = neighborIP
    ttl = Self.standardTTL(neighborIP.family)
  }

  /// Compatibility: over IPv6 not the 255 that RFC 5881 5 asks for.
  static func standardTTL(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 255 : 64 }
}
