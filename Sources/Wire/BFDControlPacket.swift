/// A BFD Control packet (RFC 5880 4.1), the payload of a UDP datagram.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-----+---------+---+-+-+-+-+-+-+---------------+---------------+
/// |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
/// +-----+---------+---+-+-+-+-+-+-+---------------+---------------+
/// |                       My Discriminator                        |
/// +---------------------------------------------------------------+
/// |                      Your Discriminator                       |
/// +---------------------------------------------------------------+
/// |                    Desired Min TX Interval                    |
/// +---------------------------------------------------------------+
/// |                   Required Min RX Interval                    |
/// +---------------------------------------------------------------+
/// |                 Required Min Echo RX Interval                 |
/// +---------------------------------------------------------------+
/// |          authentication section, if the A bit is set          |
/// +---------------------------------------------------------------+
/// ```
///
/// Any octets of sufficient number decode, and encode to the same again: what they are worth is
/// the receiver's to decide. The authentication section is not part of this.
package struct BFDControlPacket: Hashable, Sendable {
  /// Octets without an authentication section.
  package static let length = 24
  package static let version: UInt8 = 1

  /// The high three bits of the first octet, whatever their value.
  package var versionNumber = BFDControlPacket.version
  package var diagnostic: BFDDiagnostic
  package var state: BFDState
  package var flags: BFDFlags
  package var detectMultiplier: UInt8
  /// What the packet says of its length.
  package var announcedLength = UInt8(BFDControlPacket.length)
  package var myDiscriminator: Discriminator
  package var yourDiscriminator: Discriminator
  /// In microseconds, as the two below.
  package var desiredMinTxInterval: UInt32
  package var requiredMinRxInterval: UInt32
  package var requiredMinEchoRxInterval: UInt32 = 0

  package init(
    state: BFDState, diagnostic: BFDDiagnostic = .none, flags: BFDFlags = [],
    detectMultiplier: UInt8, myDiscriminator: Discriminator,
    yourDiscriminator: Discriminator = .none, desiredMinTxInterval: UInt32,
    requiredMinRxInterval: UInt32
  ) {
    self.state = state
    self.diagnostic = diagnostic
    self.flags = flags
    self.detectMultiplier = detectMultiplier
    self.myDiscriminator = myDiscriminator
    self.yourDiscriminator = yourDiscriminator
    self.desiredMinTxInterval = desiredMinTxInterval
    self.requiredMinRxInterval = requiredMinRxInterval
  }

  package init(decoding packet: Span<UInt8>) throws(DecodeError) {
    guard packet.count >= Self.length else { throw .truncated }
    versionNumber = packet[0] >> 5
    diagnostic = BFDDiagnostic(rawValue: packet[0] & 0x1f)
    state = BFDState(bits: packet[1] >> 6)
    flags = BFDFlags(rawValue: packet[1] & 0x3f)
    detectMultiplier = packet[2]
    announcedLength = packet[3]
    myDiscriminator = Discriminator(rawValue: packet.unsigned32(at: 4))
    yourDiscriminator = Discriminator(rawValue: packet.unsigned32(at: 8))
    desiredMinTxInterval = packet.unsigned32(at: 12)
    requiredMinRxInterval = packet.unsigned32(at: 16)
    requiredMinEchoRxInterval = packet.unsigned32(at: 20)
  }

  package func encode(into packet: inout MutableSpan<UInt8>, at offset: Int = 0) {
    packet[offset] = versionNumber << 5 | diagnostic.rawValue & 0x1f
    packet[offset + 1] = state.rawValue << 6 | flags.rawValue & 0x3f
    packet[offset + 2] = detectMultiplier
    packet[offset + 3] = announcedLength
    packet.store(myDiscriminator.rawValue, at: offset + 4)
    packet.store(yourDiscriminator.rawValue, at: offset + 8)
    packet.store(desiredMinTxInterval, at: offset + 12)
    packet.store(requiredMinRxInterval, at: offset + 16)
    packet.store(requiredMinEchoRxInterval, at: offset + 20)
  }
}
