/// An IPv6 address: two halves in host byte order.
package struct IPv6Address: Hashable, Comparable, Sendable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package static let any = IPv6Address(high: 0, low: 0)
  /// The link-local address with the modified EUI-64 identifier of a hardware address (RFC 4291
  /// 2.5.6, appendix A).
  package static func linkLocal(_ address: MACAddress) -> IPv6Address {
    let octets = address.octets
    let identifier: [UInt8] = [
      octets[0] ^ 2, octets[1], octets[2], 0xff, 0xfe, octets[3], octets[4], octets[5],
    ]
    return IPv6Address(high: 0xfe80 << 48, low: identifier.reduce(0) { $0 << 8 | UInt64($1) })
  }

  package static let allNodes = IPv6Address(high: 0xff02 << 48, low: 1)

  /// The 16 bit group `index` (0 is the leftmost).
  package subscript(group index: Int) -> UInt16 {
    let half = index < 4 ? high : low
    return UInt16(truncatingIfNeeded: half >> UInt64((3 - index & 3) * 16))
  }

  /// The octet `index` (0 is the leftmost).
  package subscript(octet index: Int) -> UInt8 {
    let half = index < 8 ? high : low
    return UInt8(truncatingIfNeeded: half >> UInt64((7 - index & 7) * 8))
  }

  /// ff00::/8 (RFC 4291 2.7).
  package var isMulticast: Bool { high >> 56 == 0xff }
  /// fe80::/10 (RFC 4291 2.5.6).
  package var isLinkLocal: Bool { high >> 54 == 0x3fa }
  /// Multicast of link-local scope (RFC 4291 2.7).
  package var isLinkLocalMulticast: Bool { isMulticast && high >> 48 & 0xf == 2 }

  package static func < (left: IPv6Address, right: IPv6Address) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// Reads the text forms of RFC 4291 2.2, exactly those that `inet_pton` accepts.
  package init?(parsing text: some Collection<UInt8>) {
    var groups: [UInt16] = []
    var gap: Int?
    var rest = text[...]
    if rest.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while let first = rest.first {
      let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
      let part = rest[..<end]
      if end == rest.endIndex && part.contains(UInt8(ascii: ".")) {
        guard let tail = IPv4Address(parsing: part), groups.count <= 6 else { return nil }
        groups.append(UInt16(truncatingIfNeeded: tail.bits >> 16))
        groups.append(UInt16(truncatingIfNeeded: tail.bits))
        rest = rest[end...]
        break
      }
      guard first != UInt8(ascii: ":"), part.count <= 4, groups.count < 8,
        let value = Self.hexadecimal(part)
      else { return nil }
      groups.append(value)
      rest = rest[end...]
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: ":") {
        if gap != nil { return nil }
        gap = groups.count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    if let gap {
      if groups.count > 7 { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    high = groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }
    low = groups[4...].reduce(0) { $0 << 16 | UInt64($1) }
  }

  private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt16? {
    guard !digits.isEmpty else { return nil }
    var value: UInt16 = 0
    for digit in digits {
      guard let nibble = HexDigit.value(of: digit) else { return nil }
      value = value << 4 | UInt16(nibble)
    }
    return value
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The canonical text of RFC 5952, as `inet_ntop` writes it.
  package var description: String {
    let groups = (0..<8).map { self[group: $0] }
    let isMapped = high == 0 && low >> 32 == 0xffff
    let isCompatible = high == 0 && low >> 32 == 0 && low >> 16 != 0
    let count = isMapped || isCompatible ? 6 : 8

    var longest = 0..<0
    var run = 0..<0
    for index in 0..<count {
      run = groups[index] != 0 ? index + 1..<index + 1 : run.lowerBound..<index + 1
      if run.count > longest.count { longest = run }
    }
    if longest.count < 2 { longest = count..<count }

    var text = ""
    for index in 0..<count where !longest.contains(index) {
      if index == longest.upperBound && !longest.isEmpty {
        text += "::"
      } else if index > 0 {
        text += ":"
      }
      text += String(groups[index], radix: 16)
    }
    if !longest.isEmpty && longest.upperBound == count { text += "::" }
    if count == 6 {
      let tail = IPv4Address(bits: UInt32(truncatingIfNeeded: low))
      text += (text.hasSuffix(":") ? "" : ":") + tail.description
    }
    return text
  }
}
