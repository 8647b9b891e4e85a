package import Primitives

/// The trailer of `auth_hmac` after an advertisement: HMAC-SHA256 truncated to 128 bits.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------------+
/// |   Scheme = 1  |     Key ID    |            Reserved           |
/// +---------------+---------------+-------------------------------+
/// |                        Seconds (UTC)                          |
/// +-------------------------------+-------------------------------+
/// |       Fraction of a second    |            Counter            |
/// +-------------------------------+-------------------------------+
/// |                      HMAC, 16 octets                          |
/// +---------------------------------------------------------------+
/// ```
package struct AuthenticationTrailer: Hashable, Sendable {
  package static let length = 28
  package static let codeOffset = 12
  package static let codeLength = 16
  package static let scheme: UInt8 = 1

  package var scheme = AuthenticationTrailer.scheme
  package var keyID: UInt8
  package var reserved: UInt16 = 0
  /// Seconds, fraction and counter as one number: the order of the sender's advertisements.
  package var sequence: UInt64

  package init(keyID: UInt8, sequence: UInt64) {
    self.keyID = keyID
    self.sequence = sequence
  }

  package init(decoding trailer: Span<UInt8>) throws(DecodeError) {
    guard trailer.count >= Self.length else { throw .truncated }
    scheme = trailer[0]
    keyID = trailer[1]
    reserved = trailer.unsigned16(at: 2)
    sequence = trailer.unsigned64(at: 4)
  }

  package var seconds: UInt32 { UInt32(truncatingIfNeeded: sequence >> 32) }

  /// Writes the trailer with a code of zero.
  package func encode(into trailer: inout MutableSpan<UInt8>, at offset: Int = 0) {
    trailer[offset] = scheme
    trailer[offset + 1] = keyID
    trailer.store(reserved, at: offset + 2)
    trailer.store(sequence, at: offset + 4)
    trailer.fill(offset + Self.codeOffset..<offset + Self.length)
  }

  /// Octets that `normalize` makes: the pseudo header and the first eight of the advertisement.
  package static let headLength = 28

  /// Writes what is authenticated before the addresses: a pseudo header {family, version, VRID, 0,
  /// source in 16 octets} and the header of the advertisement with a zero checksum. Then come the
  /// rest of the advertisement as it is and the trailer with a zero code.
  package static func normalize(
    _ advertisement: Span<UInt8>, source: IPAddress, into head: inout MutableSpan<UInt8>
  ) throws(DecodeError) {
    guard advertisement.count >= VRRPHeader.length else { throw .truncated }
    head.fill(0..<headLength)
    head[0] = source.family == .ipv4 ? 4 : 6
    head[1] = advertisement[0] >> 4
    head[2] = advertisement[1]
    head.store(source, at: 4)
    for index in 0..<VRRPHeader.checksumOffset { head[20 + index] = advertisement[index] }
  }
}
