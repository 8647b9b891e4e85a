package import Primitives

/// What the kernel says of a received datagram. IPv4-mapped addresses are given as IPv4.
package struct ReceiveMetadata: Hashable, Sendable {
  package var source: IPAddress
  package var sourcePort: UInt16
  package var destination: IPAddress?
  /// Time to live or hop limit; unknown if the kernel did not tell.
  package var hopLimit: UInt8?
  /// It came to the port of RFC 5883.
  package var isMultihop: Bool
  /// The datagram was longer than the buffer.
  package var isTruncated: Bool

  package init(
    source: IPAddress, sourcePort: UInt16 = 0, destination: IPAddress? = nil,
    hopLimit: UInt8? = nil, isMultihop: Bool = false, isTruncated: Bool = false
  ) {
    self.source = source
    self.sourcePort = sourcePort
    self.destination = destination
    self.hopLimit = hopLimit
    self.isMultihop = isMultihop
    self.isTruncated = isTruncated
  }
}
