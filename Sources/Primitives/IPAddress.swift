/// The address families of VRRP.
package enum AddressFamily: Hashable, Sendable {
  case ipv4, ipv6

  /// The number in `IPv4` and `IPv6`, as log lines have it.
  package var version: Int { self == .ipv4 ? 4 : 6 }
  /// Octets of an address.
  package var addressLength: Int { self == .ipv4 ? 4 : 16 }
  /// Bits of an address: the prefix length of a host.
  package var hostPrefixLength: UInt8 { self == .ipv4 ? 32 : 128 }
}

/// An IPv4 or IPv6 address.
package enum IPAddress: Hashable, Sendable {
  case ipv4(IPv4Address)
  case ipv6(IPv6Address)

  package var family: AddressFamily {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    }
  }

  package var isMulticast: Bool {
    switch self {
    case .ipv4(let address): address.isMulticast
    case .ipv6(let address): address.isMulticast
    }
  }

  package var isLinkLocal: Bool {
    switch self {
    case .ipv4: false
    case .ipv6(let address): address.isLinkLocal
    }
  }

  package var ipv4: IPv4Address? {
    if case .ipv4(let address) = self { address } else { nil }
  }

  package var ipv6: IPv6Address? {
    if case .ipv6(let address) = self { address } else { nil }
  }

  /// The text is IPv6 if it contains a colon, else IPv4, as everywhere in keepalived.conf.
  package init?(parsing text: some Collection<UInt8>) {
    if text.contains(UInt8(ascii: ":")) {
      guard let address = IPv6Address(parsing: text) else { return nil }
      self = .ipv6(address)
    } else {
      guard let address = IPv4Address(parsing: text) else { return nil }
      self = .ipv4(address)
    }
  }

  package init?(parsing text: String) { self.init(parsing: text.utf8) }
}

extension IPAddress: Comparable {
  /// The numerical order that decides between equal priorities (RFC 5798 6.4.3). An IPv4 address
  /// sorts before any IPv6 address.
  package static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.ipv4(let left), .ipv4(let right)): left < right
    case (.ipv6(let left), .ipv6(let right)): left < right
    case (.ipv4, .ipv6): true
    case (.ipv6, .ipv4): false
    }
  }
}

extension IPAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ipv4(let address): address.description
    case .ipv6(let address): address.description
    }
  }
}
