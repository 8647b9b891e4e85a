package import Primitives

/// Numbers and addresses in network byte order.
///
/// `RawSpan` has no safe loads in Swift 6.3, so packets are spans of octets. The offsets come from
/// decoders that have checked the length once; an offset beyond the end would trap.
extension Span<UInt8> {
  package func unsigned16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }

  package func unsigned32(at offset: Int) -> UInt32 {
    UInt32(unsigned16(at: offset)) << 16 | UInt32(unsigned16(at: offset + 2))
  }

  package func unsigned64(at offset: Int) -> UInt64 {
    UInt64(unsigned32(at: offset)) << 32 | UInt64(unsigned32(at: offset + 4))
  }

  package func address(at offset: Int, _ family: AddressFamily) -> IPAddress {
    switch family {
    case .ipv4: .ipv4(IPv4Address(bits: unsigned32(at: offset)))
    case .ipv6:
      .ipv6(IPv6Address(high: unsigned64(at: offset), low: unsigned64(at: offset + 8)))
    }
  }

  package func hardwareAddress(at offset: Int) -> MACAddress {
    MACAddress([
      self[offset], self[offset + 1], self[offset + 2], self[offset + 3], self[offset + 4],
      self[offset + 5],
    ])
  }
}

extension MutableSpan<UInt8> {
  package mutating func store(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value >> 8)
    self[offset + 1] = UInt8(truncatingIfNeeded: value)
  }

  package mutating func store(_ value: UInt32, at offset: Int) {
    store(UInt16(truncatingIfNeeded: value >> 16), at: offset)
    store(UInt16(truncatingIfNeeded: value), at: offset + 2)
  }

  package mutating func store(_ value: UInt64, at offset: Int) {
    store(UInt32(truncatingIfNeeded: value >> 32), at: offset)
    store(UInt32(truncatingIfNeeded: value), at: offset + 4)
  }

  package mutating func store(_ address: IPAddress, at offset: Int) {
    switch address {
    case .ipv4(let address): store(address.bits, at: offset)
    case .ipv6(let address):
      store(address.high, at: offset)
      store(address.low, at: offset + 8)
    }
  }

  package mutating func store(_ address: MACAddress, at offset: Int) {
    for index in 0..<6 { self[offset + index] = address.octets[index] }
  }

  package mutating func store(_ octets: Span<UInt8>, at offset: Int) {
    for index in octets.indices { self[offset + index] = octets[index] }
  }

  package mutating func fill(_ range: Range<Int>, with octet: UInt8 = 0) {
    for index in range { self[index] = octet }
  }
}
