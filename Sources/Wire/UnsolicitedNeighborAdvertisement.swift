package import Primitives

/// An unsolicited neighbour advertisement in its Ethernet frame (RFC 4861 4.4, 7.2.6).
///
/// ```
/// +---------------------------------------------------------------+
/// | Ethernet: 33:33:00:00:00:01, sender, 0x86dd       (14 octets) |
/// | IPv6: payload 32, ICMPv6, hop limit 255, address, ff02::1 (40)|
/// +---------------+---------------+-------------------------------+
/// |  Type = 136   |    Code = 0   |          Checksum             |
/// +-+-+-+---------+---------------+-------------------------------+
/// |R|S|O|                     Reserved                            |
/// +-+-+-+---------------------------------------------------------+
/// |                   Target Address (16 octets)                  |
/// +---------------+---------------+-------------------------------+
/// |   Type = 2    |   Length = 1  |  link-layer address (6 octets)|
/// +---------------+---------------+-------------------------------+
/// ```
package struct UnsolicitedNeighborAdvertisement: Hashable, Sendable {
  package static let length = 86
  private static let payloadLength = 32
  private static let override: UInt8 = 0x20
  private static let router: UInt8 = 0x80

  package var address: IPv6Address
  package var sender: MACAddress
  package var isRouter: Bool

  package init(address: IPv6Address, sender: MACAddress, isRouter: Bool) {
    self.address = address
    self.sender = sender
    self.isRouter = isRouter
  }

  /// Reads a frame that is an unsolicited neighbour advertisement with a valid checksum.
  package init(decoding frame: Span<UInt8>) throws(DecodeError) {
    guard frame.count >= Self.length else { throw .truncated }
    guard frame.unsigned16(at: 12) == 0x86dd, frame[14] >> 4 == 6,
      frame.unsigned16(at: 18) == UInt16(Self.payloadLength),
      frame[20] == IPProtocol.icmpv6.rawValue, frame.unsigned16(at: 54) == 136 << 8,
      frame[58] & 0x40 == 0, frame.unsigned16(at: 78) == 0x0201
    else { throw .unexpectedValue }
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: frame.address(at: 22, .ipv6), destination: frame.address(at: 38, .ipv6),
      protocolNumber: .icmpv6, length: Self.payloadLength)
    checksum.add(frame.extracting(54..<Self.length))
    guard checksum.isValid else { throw .unexpectedValue }
    isRouter = frame[58] & Self.router != 0
    address = IPv6Address(high: frame.unsigned64(at: 62), low: frame.unsigned64(at: 70))
    sender = frame.hardwareAddress(at: 80)
  }

  /// Writes the 86 octets of the frame. `frame` must hold that many.
  package func encode(into frame: inout MutableSpan<UInt8>) {
    frame.store(MACAddress([0x33, 0x33, 0, 0, 0, 1]), at: 0)
    frame.store(sender, at: 6)
    frame.store(UInt16(0x86dd), at: 12)
    frame.store(UInt32(0x6000_0000), at: 14)
    frame.store(UInt16(Self.payloadLength), at: 18)
    frame[20] = IPProtocol.icmpv6.rawValue
    frame[21] = 255
    frame.store(.ipv6(address), at: 22)
    frame.store(.ipv6(.allNodes), at: 38)
    frame.store(UInt16(136 << 8), at: 54)
    frame.store(UInt16(0), at: 56)
    frame.store(UInt32(0), at: 58)
    frame[58] = Self.override | (isRouter ? Self.router : 0)
    frame.store(.ipv6(address), at: 62)
    frame.store(UInt16(0x0201), at: 78)
    frame.store(sender, at: 80)

    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: .ipv6(address), destination: .ipv6(.allNodes), protocolNumber: .icmpv6,
      length: Self.payloadLength)
    checksum.add(frame.span.extracting(54..<Self.length))
    frame.store(checksum.value, at: 56)
  }
}
