package import CLinux
package import Primitives

/// Conversions between our addresses and the kernel's.
extension IPAddress {
  /// The address with a port, or with the interface it is on.
  package func socketAddress(port: UInt16 = 0, scope: InterfaceIndex = .none)
    -> (storage: sockaddr_storage, length: socklen_t)
  {
    var storage = sockaddr_storage()
    switch self {
    case .ipv4(let address):
      var sa = sockaddr_in()
      sa.sin_family = sa_family_t(AF_INET)
      sa.sin_port = port.bigEndian
      sa.sin_addr.s_addr = address.bits.bigEndian
      unsafe withUnsafeMutableBytes(of: &storage) {
        unsafe $0.storeBytes(of: sa, as: sockaddr_in.self)
      }
      return (storage, socklen_t(MemoryLayout<sockaddr_in>.size))
    case .ipv6(let address):
      let sa = address.socketAddress(port: port, scope: scope)
      unsafe withUnsafeMutableBytes(of: &storage) {
        unsafe $0.storeBytes(of: sa, as: sockaddr_in6.self)
      }
      return (storage, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }
  }

  package init?(_ storage: sockaddr_storage) {
    switch Int32(storage.ss_family) {
    case AF_INET:
      let sa = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in.self) }
      self = .ipv4(IPv4Address(bits: UInt32(bigEndian: sa.sin_addr.s_addr)))
    case AF_INET6:
      let sa = unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in6.self) }
      self = .ipv6(IPv6Address(sa.sin6_addr))
    default: return nil
    }
  }
}

extension IPv6Address {
  package init(_ address: in6_addr) {
    (self) = unsafe withUnsafeBytes(of: address) { bytes in
      unsafe IPv6Address(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  package var kernelAddress: in6_addr {
    var address = in6_addr()
    unsafe withUnsafeMutableBytes(of: &address) { bytes in
      unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
      unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return address
  }

  package func socketAddress(port: UInt16 = 0, scope: InterfaceIndex = .none) -> sockaddr_in6 {
    var sa = sockaddr_in6()
    sa.sin6_family = sa_family_t(AF_INET6)
    sa.sin6_port = port.bigEndian
    sa.sin6_addr = kernelAddress
    if isLinkLocal || isLinkLocalMulticast { sa.sin6_scope_id = scope.rawValue }
    return sa
  }
}

extension IPAddress {
  /// An IPv4 address that an IPv6 socket reports as `::ffff:a.b.c.d` (RFC 4291 2.5.5.2).
  package var unmapped: IPAddress {
    guard case .ipv6(let address) = self, address.high == 0, address.low >> 32 == 0xffff else {
      return self
    }
    return .ipv4(IPv4Address(bits: UInt32(truncatingIfNeeded: address.low)))
  }

  /// The UDP port that a packet came from.
  package static func port(_ storage: sockaddr_storage) -> UInt16 {
    unsafe withUnsafeBytes(of: storage) { bytes in
      unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }
}
