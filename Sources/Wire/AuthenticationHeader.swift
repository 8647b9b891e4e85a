/// The IP authentication header in front of a version 2 advertisement (RFC 2402 2, RFC 2403).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------------+
/// |  Next Header  |  Payload Len  |            RESERVED           |
/// +---------------+---------------+-------------------------------+
/// |                 Security Parameters Index (SPI)               |
/// +---------------------------------------------------------------+
/// |                      Sequence Number Field                    |
/// +---------------------------------------------------------------+
/// |          Integrity Check Value: 96 bits of HMAC-MD5           |
/// +---------------------------------------------------------------+
/// ```
package struct AuthenticationHeader: Hashable, Sendable {
  package static let length = 24
  package static let integrityCheckValueOffset = 12
  package static let integrityCheckValueLength = 12

  package var nextHeader: IPProtocol = .vrrp
  /// In words of 32 bits, less two (RFC 2402 2.2).
  package var payloadLength: UInt8 = 4
  package var reserved: UInt16 = 0
  package var securityParametersIndex: UInt32
  package var sequenceNumber: UInt32

  package init(securityParametersIndex: UInt32, sequenceNumber: UInt32) {
    self.securityParametersIndex = securityParametersIndex
    self.sequenceNumber = sequenceNumber
  }

  package init(decoding packet: Span<UInt8>) throws(DecodeError) {
    guard packet.count >= Self.length else { throw .truncated }
    nextHeader = IPProtocol(rawValue: packet[0])
    payloadLength = packet[1]
    reserved = packet.unsigned16(at: 2)
    securityParametersIndex = packet.unsigned32(at: 4)
    sequenceNumber = packet.unsigned32(at: 8)
  }

  /// Writes the header with an integrity check value of zero.
  package func encode(into packet: inout MutableSpan<UInt8>, at offset: Int = 0) {
    packet[offset] = nextHeader.rawValue
    packet[offset + 1] = payloadLength
    packet.store(reserved, at: offset + 2)
    packet.store(securityParametersIndex, at: offset + 4)
    packet.store(sequenceNumber, at: offset + 8)
    packet.fill(offset + Self.integrityCheckValueOffset..<offset + Self.length)
  }

  /// Octets of the part that `normalize` makes, in front of the advertisement.
  package static let normalizedLength = IPv4Header.length + length

  /// Writes the IP header and the authentication header as they are authenticated, that is with
  /// the mutable fields zero (RFC 2402 3.3.3.1.1). What follows the two headers is authenticated as
  /// it is.
  ///
  /// Compatibility: the time to live, which is mutable too, is zero for unicast only; a multicast
  /// advertisement carries and authenticates 255.
  package static func normalize(
    _ packet: Span<UInt8>, isUnicast: Bool, into input: inout MutableSpan<UInt8>
  ) throws(DecodeError) {
    guard packet.count >= normalizedLength else { throw .truncated }
    guard packet[0] == 0x45 else { throw .unexpectedValue }
    input.store(packet.extracting(first: normalizedLength), at: 0)
    input[1] = 0
    input.store(UInt16(0), at: 6)
    if isUnicast { input[8] = 0 }
    input.store(UInt16(0), at: 10)
    let value = IPv4Header.length + integrityCheckValueOffset
    input.fill(value..<value + integrityCheckValueLength)
  }
}
