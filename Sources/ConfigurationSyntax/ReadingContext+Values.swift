package import Primitives

extension ReadingContext {
  /// `[BOOL]`: true without a word; nil for any other word, which the caller reports.
  package func boolean(_ statement: Statement, _ index: Int = 1) -> Bool? {
    if index >= statement.words.count { return true }
    switch statement.words[index].text {
    case "true", "on", "yes": return true
    case "false", "off", "no": return false
    default: return nil
    }
  }

  /// An address without the prefix length or the range behind it: everything from the first `-`, or
  /// without one from the first `/`, is left out. The caller reports nil.
  ///
  /// Compatibility: a colon in what is left out makes it an IPv6 address too.
  package static func address(_ text: String) -> IPAddress? {
    let bytes = text.utf8
    let end = bytes.firstIndex(of: Byte.minus) ?? bytes.firstIndex(of: Byte.slash)
    let address = bytes[..<(end ?? bytes.endIndex)]
    if !bytes.contains(UInt8(ascii: ":")) { return IPAddress(parsing: address) }
    return IPv6Address(parsing: address).map { .ipv6($0) }
  }
}

/// The octets of a `[0-9a-f]…` word.
package struct HexString: Hashable, Sendable {
  package var octets: [UInt8]
  /// The bits of each octet that count: 0 where the text has an `x`.
  package var mask: [UInt8]

  /// Octets of two digits, or of one before a blank or the end; blanks between them. With
  /// `allowMask` an `x` stands for any digit. Nil if there is none, or anything else.
  package init?(_ text: some Sequence<UInt8>, allowMask: Bool) {
    octets = []
    mask = []
    var pending: (value: UInt8, mask: UInt8)?
    for byte in text {
      if byte.isBlank {
        if let single = pending {
          octets.append(single.value)
          mask.append(single.mask | 0xf0)
        }
        pending = nil
        continue
      }
      var nibble: (value: UInt8, mask: UInt8)
      if let digit = HexDigit.value(of: byte) {
        nibble = (digit, 0xf)
      } else if allowMask, byte | 0x20 == UInt8(ascii: "x") {
        nibble = (0, 0)
      } else {
        return nil
      }
      if let high = pending {
        octets.append(high.value << 4 | nibble.value)
        mask.append(high.mask << 4 | nibble.mask)
        pending = nil
      } else {
        pending = nibble
      }
    }
    if let single = pending {
      octets.append(single.value)
      mask.append(single.mask | 0xf0)
    }
    if octets.isEmpty { return nil }
  }
}

/// The end of an address range `A-B` of a virtual server group.
package enum AddressRangeEnd: Hashable, Sendable {
  /// No `-` in the word.
  case none
  case end(UInt32)
  case tooLarge(String)
  case extraCharacters(String)

  /// B is decimal and at most 255 for IPv4, hexadecimal and at most ffff for IPv6.
  package init(_ text: String, family: AddressFamily) {
    let parts = text.utf8.split(
      separator: Byte.minus, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      self = .none
      return
    }
    let end = String(Substring(parts[1]))
    let radix: UInt32 = family == .ipv4 ? 10 : 16
    let largest: UInt32 = family == .ipv4 ? 255 : 0xffff
    var value: UInt32 = 0
    for byte in end.utf8 {
      guard let digit = HexDigit.value(of: byte), digit < radix else {
        self = .extraCharacters(end)
        return
      }
      // Cut down well above the largest, so that nothing overflows.
      value = min(value * radix + UInt32(digit), 0xf_ffff)
    }
    self = end.isEmpty ? .extraCharacters(end) : value > largest ? .tooLarge(end) : .end(value)
  }
}
