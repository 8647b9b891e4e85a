/// An echo request or reply of ICMP (RFC 792) or ICMPv6 (RFC 4443 4), as sockets for pings have it:
/// the kernel sees to checksum and identifier.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------------+
/// |     Type      |     Code      |           Checksum            |
/// +---------------+---------------+-------------------------------+
/// |          Identifier           |        Sequence Number        |
/// +-------------------------------+-------------------------------+
/// |                             data                              |
/// +---------------------------------------------------------------+
/// ```
package struct EchoMessage: Hashable, Sendable {
  package static let headerLength = 8

  package enum Kind {
    package static let icmpRequest: UInt8 = 8
    package static let icmpReply: UInt8 = 0
    package static let icmpv6Request: UInt8 = 128
    package static let icmpv6Reply: UInt8 = 129
  }

  package var type: UInt8
  package var sequence: UInt16

  package init(type: UInt8, sequence: UInt16) {
    self.type = type
    self.sequence = sequence
  }

  package init(decoding message: Span<UInt8>) throws(DecodeError) {
    guard message.count >= Self.headerLength else { throw .truncated }
    type = message[0]
    sequence = message.unsigned16(at: 6)
  }

  /// The message with data behind it.
  package func encoded(_ data: [UInt8]) -> [UInt8] {
    let high = UInt8(truncatingIfNeeded: sequence >> 8)
    return [type, 0, 0, 0, 0, 0, high, UInt8(truncatingIfNeeded: sequence)] + data
  }
}
