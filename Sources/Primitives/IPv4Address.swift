/// An IPv4 address in host byte order.
package struct IPv4Address: Hashable, Comparable, Sendable {
  package var bits: UInt32

  package init(bits: UInt32) { self.bits = bits }

  package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  package static let any = IPv4Address(bits: 0)
  package static let broadcast = IPv4Address(bits: .max)

  package var octets: (UInt8, UInt8, UInt8, UInt8) {
    (
      UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16),
      UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)
    )
  }

  /// 224.0.0.0/4 (RFC 1112 4).
  package var isMulticast: Bool { bits >> 28 == 0xe }

  package static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.bits < right.bits }

  /// Reads the strict dotted quad that `inet_pton` accepts: four decimal octets without leading
  /// zeros, nothing else.
  package init?(parsing text: some Sequence<UInt8>) {
    var bits: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for character in text {
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if digits > 0 && octet == 0 { return nil }
        octet = octet * 10 + UInt32(character - UInt8(ascii: "0"))
        digits += 1
        if octet > 255 { return nil }
      case UInt8(ascii: "."):
        if digits == 0 || dots == 3 { return nil }
        bits = bits << 8 | octet
        octet = 0
        digits = 0
        dots += 1
      default: return nil
      }
    }
    if digits == 0 || dots != 3 { return nil }
    self.bits = bits << 8 | octet
  }
}

extension IPv4Address: CustomStringConvertible {
  package var description: String {
    let (a, b, c, d) = octets
    return "\(a).\(b).\(c).\(d)"
  }
}
