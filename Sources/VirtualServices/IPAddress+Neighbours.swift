import Primitives

extension IPAddress {
  /// The address that is greater by one; nil behind the last one.
  var successor: IPAddress? {
    switch self {
    case .ipv4(let address):
      let (bits, overflow) = address.bits.addingReportingOverflow(1)
      return overflow ? nil : .ipv4(IPv4Address(bits: bits))
    case .ipv6(let address):
      let (low, carry) = address.low.addingReportingOverflow(1)
      if !carry { return .ipv6(IPv6Address(high: address.high, low: low)) }
      let (high, overflow) = address.high.addingReportingOverflow(1)
      return overflow ? nil : .ipv6(IPv6Address(high: high, low: 0))
    }
  }

  /// The address that is less by one; nil before the first one.
  var predecessor: IPAddress? {
    switch self {
    case .ipv4(let address):
      let (bits, overflow) = address.bits.subtractingReportingOverflow(1)
      return overflow ? nil : .ipv4(IPv4Address(bits: bits))
    case .ipv6(let address):
      let (low, borrow) = address.low.subtractingReportingOverflow(1)
      if !borrow { return .ipv6(IPv6Address(high: address.high, low: low)) }
      let (high, overflow) = address.high.subtractingReportingOverflow(1)
      return overflow ? nil : .ipv6(IPv6Address(high: high, low: .max))
    }
  }
}
