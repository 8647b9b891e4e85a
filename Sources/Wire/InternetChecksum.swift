// This target is the octets of all protocols, and nothing of what they are for.
//
// Each format is a value with a decoder over a span and an encoder into one: VRRP (RFC 3768,
// RFC 5798) with its authentication header (RFC 2402) and trailer, BFD (RFC 5880), gratuitous ARP
// (RFC 5227), unsolicited neighbour advertisements (RFC 4861), the header of IPv4, and the answers
// that health checks read: HTTP heads, SMTP replies, DNS messages and echoes.
//
// A decoder says only whether the octets have the form; whether a packet is good is for the
// protocol's own target to say, which counts and logs what it refuses. Readers of streams are
// bounded: an answer without an end costs no more than its limit.
//
// What must never happen: a trap or an endless loop, whatever the octets; an offset from a packet
// used before it is compared with the length. Each decoder has a fuzz target.

package import Primitives

/// The one's complement sum of RFC 1071, as VRRP, IPv4 and ICMPv6 use it.
///
/// It keeps the unfolded sum, so that a cached sum of the unchanging octets of a packet plus the
/// few changing words gives the checksum without a second pass (RFC 1624).
package struct InternetChecksum: Hashable, Sendable {
  // 2^48 words fit; a packet has at most 2^15.
  private var sum: UInt64 = 0

  package init() {}

  /// The checksum to put into the packet. A field that was zero while summing is required.
  package var value: UInt16 { ~folded }

  /// The sum over a packet that carries its checksum is all ones (RFC 1071 1).
  package var isValid: Bool { folded == 0xffff }

  private var folded: UInt16 {
    var sum = sum
    while sum > 0xffff { sum = sum & 0xffff &+ sum >> 16 }
    return UInt16(truncatingIfNeeded: sum)
  }

  package mutating func add(_ word: UInt16) { sum &+= UInt64(word) }

  package mutating func add(_ address: IPAddress) {
    switch address {
    case .ipv4(let address):
      sum &+= UInt64(address.bits >> 16) &+ UInt64(address.bits & 0xffff)
    case .ipv6(let address):
      for group in 0..<8 { add(address[group: group]) }
    }
  }

  /// Adds octets; an odd last one is padded with zero (RFC 1071 4.1). They must begin at an even
  /// place of what is summed.
  package mutating func add(_ octets: Span<UInt8>) {
    var index = 0
    while index &+ 1 < octets.count {
      add(octets.unsigned16(at: index))
      index &+= 2
    }
    if index < octets.count { add(UInt16(octets[index]) << 8) }
  }

  /// The pseudo header of IPv4 and of IPv6 (RFC 768, RFC 8200 8.1), which add up alike.
  package mutating func addPseudoHeader(
    source: IPAddress, destination: IPAddress, protocolNumber: IPProtocol, length: Int
  ) {
    add(source)
    add(destination)
    add(UInt16(protocolNumber.rawValue))
    add(UInt16(truncatingIfNeeded: length >> 16))
    add(UInt16(truncatingIfNeeded: length))
  }

  /// `checksum` after the word `old` under it became `new` (RFC 1624 3, equation 3).
  package static func updated(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
    var result = InternetChecksum()
    result.add(~checksum)
    result.add(~old)
    result.add(new)
    return result.value
  }
}
