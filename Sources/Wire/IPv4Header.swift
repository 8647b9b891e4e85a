package import Primitives

/// The IPv4 header of an advertisement (RFC 791 3.1).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------+-------+---------------+-------------------------------+
/// |Version|  IHL  |Type of Service|          Total Length         |
/// +-------+-------+---------------+-----+-------------------------+
/// |         Identification        |Flags|     Fragment Offset     |
/// +---------------+---------------+-----+-------------------------+
/// | Time to Live  |    Protocol   |        Header Checksum        |
/// +---------------+---------------+-------------------------------+
/// |                         Source Address                        |
/// +---------------------------------------------------------------+
/// |                       Destination Address                     |
/// +---------------------------------------------------------------+
/// ```
///
/// It does not check the header checksum, which the kernel has checked, and keeps no options,
/// which VRRP never sends.
package struct IPv4Header: Hashable, Sendable {
  /// Octets of a header without options.
  package static let length = 20
  /// Internetwork control (RFC 2474 4.2.2.2): CS6.
  package static let internetworkControl: UInt8 = 0xc0

  package var headerLength = IPv4Header.length
  package var typeOfService = IPv4Header.internetworkControl
  package var totalLength: UInt16
  package var identification: UInt16
  package var fragment: UInt16 = 0
  package var timeToLive: UInt8
  package var protocolNumber: IPProtocol
  package var checksum: UInt16 = 0
  package var source: IPv4Address
  package var destination: IPv4Address

  package init(
    totalLength: UInt16, identification: UInt16, timeToLive: UInt8, protocolNumber: IPProtocol,
    source: IPv4Address, destination: IPv4Address
  ) {
    self.totalLength = totalLength
    self.identification = identification
    self.timeToLive = timeToLive
    self.protocolNumber = protocolNumber
    self.source = source
    self.destination = destination
  }

  package init(decoding packet: Span<UInt8>) throws(DecodeError) {
    guard packet.count >= Self.length else { throw .truncated }
    headerLength = Int(packet[0] & 0xf) * 4
    guard packet[0] >> 4 == 4, headerLength >= Self.length else { throw .unexpectedValue }
    guard packet.count >= headerLength else { throw .truncated }
    typeOfService = packet[1]
    totalLength = packet.unsigned16(at: 2)
    identification = packet.unsigned16(at: 4)
    fragment = packet.unsigned16(at: 6)
    timeToLive = packet[8]
    protocolNumber = IPProtocol(rawValue: packet[9])
    checksum = packet.unsigned16(at: 10)
    source = IPv4Address(bits: packet.unsigned32(at: 12))
    destination = IPv4Address(bits: packet.unsigned32(at: 16))
  }

  /// Writes the 20 octets without options; the checksum as it is, zero for the kernel to fill.
  package func encode(into packet: inout MutableSpan<UInt8>, at offset: Int = 0) {
    packet[offset] = 0x45
    packet[offset + 1] = typeOfService
    packet.store(totalLength, at: offset + 2)
    packet.store(identification, at: offset + 4)
    packet.store(fragment, at: offset + 6)
    packet[offset + 8] = timeToLive
    packet[offset + 9] = protocolNumber.rawValue
    packet.store(checksum, at: offset + 10)
    packet.store(source.bits, at: offset + 12)
    packet.store(destination.bits, at: offset + 16)
  }
}
