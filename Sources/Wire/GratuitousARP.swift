package import Primitives

/// A gratuitous ARP request in its Ethernet frame (RFC 826, RFC 5798 6.4.1 (125)).
///
/// ```
/// +-----------------------------------------------+---------------+
/// | Ethernet: broadcast (6), sender (6), 0x0806   | 14 octets     |
/// +-------------------------------+---------------+---------------+
/// |     Hardware Type = 1         |     Protocol Type = 0x0800    |
/// +---------------+---------------+-------------------------------+
/// | HW length = 6 | Pr length = 4 |     Operation = 1 (request)   |
/// +---------------+---------------+-------------------------------+
/// | sender hardware (6), sender protocol (4)                      |
/// +---------------------------------------------------------------+
/// | target hardware (6), target protocol (4) = sender protocol    |
/// +---------------------------------------------------------------+
/// ```
package struct GratuitousARP: Hashable, Sendable {
  package static let length = 42

  package var sender: MACAddress
  /// The broadcast address of the interface: Ethernet destination and target hardware address.
  ///
  /// Compatibility: the target hardware address is all ones, not zero.
  package var broadcast: MACAddress
  package var address: IPv4Address

  package init(
    address: IPv4Address, sender: MACAddress, broadcast: MACAddress = .broadcast
  ) {
    self.address = address
    self.sender = sender
    self.broadcast = broadcast
  }

  /// Reads a frame that is a gratuitous ARP request; it does not check that the two copies of the
  /// hardware addresses agree.
  package init(decoding frame: Span<UInt8>) throws(DecodeError) {
    guard frame.count >= Self.length else { throw .truncated }
    guard frame.unsigned16(at: 12) == 0x0806, frame.unsigned64(at: 14) == 0x0001_0800_0604_0001,
      frame.unsigned32(at: 28) == frame.unsigned32(at: 38)
    else { throw .unexpectedValue }
    broadcast = frame.hardwareAddress(at: 0)
    sender = frame.hardwareAddress(at: 22)
    address = IPv4Address(bits: frame.unsigned32(at: 28))
  }

  /// Writes the 42 octets of the frame. `frame` must hold that many.
  package func encode(into frame: inout MutableSpan<UInt8>) {
    frame.store(broadcast, at: 0)
    frame.store(sender, at: 6)
    frame.store(UInt16(0x0806), at: 12)
    frame.store(UInt64(0x0001_0800_0604_0001), at: 14)
    frame.store(sender, at: 22)
    frame.store(address.bits, at: 28)
    frame.store(broadcast, at: 32)
    frame.store(address.bits, at: 38)
  }
}
