/// The header of a DNS message (RFC 1035 4.1.1).
///
/// ```
///  0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// |                      ID                       |
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// |QR|   Opcode  |AA|TC|RD|RA|   Z    |   RCODE   |
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// |      QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT       |
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// ```
package struct DNSHeader: Hashable, Sendable {
  package static let length = 12

  package var identifier: UInt16
  package var isResponse: Bool
  package var responseCode: UInt8

  package init(decoding message: Span<UInt8>) throws(DecodeError) {
    guard message.count >= Self.length else { throw .truncated }
    identifier = message.unsigned16(at: 0)
    isResponse = message[2] & 0x80 != 0
    responseCode = message[3] & 0x0f
  }
}

/// A DNS message with one question, of class IN, that wants recursion.
package struct DNSQuery: Hashable, Sendable {
  package var identifier: UInt16
  package var type: UInt16
  /// Without the dot at the end; empty for the root. Its case is kept.
  package var name: String

  package init(identifier: UInt16, type: UInt16, name: String) {
    self.identifier = identifier
    self.type = type
    self.name = name
  }

  /// Nil if a label or the name is too long (RFC 1035 2.3.4), or a label is empty.
  package var encoded: [UInt8]? {
    let high = UInt8(truncatingIfNeeded: identifier >> 8)
    var message = [high, UInt8(truncatingIfNeeded: identifier), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    if !name.isEmpty {
      for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
        if !(1...63).contains(label.count) { return nil }
        message.append(UInt8(label.count))
        message += label
      }
    }
    message.append(0)
    if message.count - DNSHeader.length > 255 { return nil }
    message += [UInt8(truncatingIfNeeded: type >> 8), UInt8(truncatingIfNeeded: type), 0, 1]
    return message
  }
}
