import CLinux
package import Primitives

/// What VRRP sockets are shared by: all routers that send and receive in the same way.
package struct AdvertisementEndpoint: Hashable, Sendable {
  package enum Cast: Hashable, Sendable {
    /// Adverts go to a group.
    case multicast(group: IPAddress)
    /// Adverts go from this address to each peer.
    case unicast(source: IPAddress)
  }

  /// What stands behind the IP header.
  package enum Carrier: Hashable, Sendable {
    case vrrp
    /// The IP authentication header (RFC 4302), with VRRP behind it.
    case authenticationHeader

    var protocolNumber: Int32 { self == .vrrp ? clinux_ipproto_vrrp : Int32(IPPROTO_AH) }
  }

  package var cast: Cast
  package var carrier: Carrier
  package var interface: InterfaceIndex
  package var interfaceName: String
  /// The VRF that unicast sockets are bound to; empty for none.
  package var vrf: String

  package init(
    cast: Cast, carrier: Carrier, interface: InterfaceIndex, interfaceName: String, vrf: String = ""
  ) {
    self.cast = cast
    self.carrier = carrier
    self.interface = interface
    self.interfaceName = interfaceName
    self.vrf = vrf
  }

  package var family: AddressFamily {
    switch cast {
    case .multicast(let group): group.family
    case .unicast(let source): source.family
    }
  }

  package var isMulticast: Bool {
    if case .multicast = cast { true } else { false }
  }
}

/// The receiving and the sending raw socket of an endpoint.
///
/// The order of the options is part of the behaviour: membership before bind, and the filter of the
/// sending socket last, so that nothing is queued there.
package final class AdvertisementSocket {
  package let endpoint: AdvertisementEndpoint
  package let receiver: FileDescriptor
  private let sender: FileDescriptor

  package enum Failure: Error {
    case open(Errno)
    case join(Errno)
    case bind(Errno)
  }

  /// `receiveBuffer` 0 leaves the system's size.
  package init(_ endpoint: AdvertisementEndpoint, receiveBuffer: Int32) throws(Failure) {
    self.endpoint = endpoint
    receiver = try Self.openReceiver(endpoint, receiveBuffer)
    do throws(Errno) { sender = try Self.openSender(endpoint) } catch { throw .open(error) }
  }

  package func resizeReceiveBuffer(_ size: Int32) {
    try? receiver.setOption(SOL_SOCKET, SO_RCVBUF, size)
  }

  private static func open(_ endpoint: AdvertisementEndpoint) throws(Errno) -> FileDescriptor {
    let family = endpoint.family == .ipv4 ? AF_INET : AF_INET6
    let type = Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return FileDescriptor(
      owning: try systemCall { socket(family, type, endpoint.carrier.protocolNumber) })
  }

  private static func openReceiver(_ endpoint: AdvertisementEndpoint, _ size: Int32)
    throws(Failure) -> FileDescriptor
  {
    let socket: FileDescriptor
    do throws(Errno) { socket = try open(endpoint) } catch { throw .open(error) }
    do throws(Errno) {
      if size > 0 { try socket.setOption(SOL_SOCKET, SO_RCVBUF, size) }
      try socket.receiveOnlyJoinedGroups(endpoint.family)
    } catch { throw .open(error) }
    switch endpoint.cast {
    case .multicast(let group):
      do throws(Errno) { try socket.join(group, on: endpoint.interface) } catch {
        throw .join(error)
      }
      do throws(Errno) { try socket.bind(to: group, scope: endpoint.interface) } catch {
        throw .bind(error)
      }
    case .unicast(let source):
      do throws(Errno) { try socket.bindFreely(to: source, in: endpoint) } catch {
        throw .bind(error)
      }
    }
    do throws(Errno) { try socket.receivePacketInformation(for: endpoint) } catch {
      throw .open(error)
    }
    return socket
  }

  private static func openSender(_ endpoint: AdvertisementEndpoint) throws(Errno) -> FileDescriptor
  {
    let socket = try open(endpoint)
    try socket.setOption(SOL_SOCKET, SO_RCVBUF, 0)
    try socket.receiveOnlyJoinedGroups(endpoint.family)
    let ip = Int32(IPPROTO_IP)
    let ipv6 = Int32(IPPROTO_IPV6)
    if endpoint.family == .ipv4 {
      try socket.setOption(ip, IP_HDRINCL, 1)
    } else {
      try socket.setOption(ipv6, IPV6_CHECKSUM, 6)
      if endpoint.isMulticast { try socket.setOption(ipv6, IPV6_MULTICAST_HOPS, 255) }
    }
    try socket.bindToDevice(endpoint.interfaceName.isEmpty ? endpoint.vrf : endpoint.interfaceName)
    if endpoint.isMulticast {
      if endpoint.family == .ipv4 {
        var request = ip_mreqn()
        request.imr_ifindex = Int32(bitPattern: endpoint.interface.rawValue)
        try socket.setOption(ip, IP_MULTICAST_IF, copying: request)
        try socket.setOption(ip, IP_MULTICAST_LOOP, 0)
      } else {
        try socket.setOption(
          ipv6, IPV6_MULTICAST_IF, Int32(bitPattern: endpoint.interface.rawValue))
        try socket.setOption(ipv6, IPV6_MULTICAST_LOOP, 0)
      }
    }
    // Internetwork control (RFC 2474 4.2.2.2).
    if endpoint.family == .ipv4 {
      try socket.setOption(ip, IP_TOS, 0xc0)
    } else {
      try socket.setOption(ipv6, IPV6_TCLASS, 0xc0)
    }
    let raw = socket.rawValue
    try systemCall { clinux_attach_drop_filter(raw) }
    return socket
  }

  /// Sends an IPv4 packet with its header.
  package func send(ipv4 packet: Span<UInt8>, to destination: IPv4Address) throws(Errno) {
    let (address, length) = IPAddress.ipv4(destination).socketAddress()
    let flags = endpoint.isMulticast ? Int32(MSG_DONTROUTE) : 0
    try systemCall {
      unsafe packet.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: address) {
          unsafe clinux_sendto(
            sender.rawValue, bytes.baseAddress, bytes.count, flags, $0, length)
        }
      }
    }
  }

  /// Sends the payload of an IPv6 packet; the kernel makes the header.
  package func send(
    ipv6 payload: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    hopLimit: UInt8?
  ) throws(Errno) {
    let address = destination.socketAddress(scope: endpoint.interface)
    let kernelSource = source.kernelAddress
    let flags = endpoint.isMulticast ? Int32(MSG_DONTROUTE) : 0
    try systemCall {
      unsafe payload.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: address) { address in
          unsafe withUnsafePointer(to: kernelSource) { source in
            unsafe clinux_send_ipv6(
              sender.rawValue, bytes.baseAddress, bytes.count, flags, address, source,
              endpoint.interface.rawValue, hopLimit.map(Int32.init) ?? -1)
          }
        }
      }
    }
  }
}

extension FileDescriptor {
  /// The corresponding socket option is `SO_BINDTODEVICE`; an empty name binds to nothing.
  package func bindToDevice(_ name: String) throws(Errno) {
    if name.isEmpty { return }
    try systemCall {
      unsafe name.withCString {
        unsafe setsockopt(
          rawValue, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(name.utf8.count + 1))
      }
    }
  }

  package func bind(to address: IPAddress, port: UInt16 = 0, scope: InterfaceIndex = .none)
    throws(Errno)
  {
    let (storage, length) = address.socketAddress(port: port, scope: scope)
    try systemCall {
      unsafe withUnsafePointer(to: storage) { unsafe clinux_bind(rawValue, $0, length) }
    }
  }

  /// Without it a socket gets what any socket of the host has joined.
  fileprivate func receiveOnlyJoinedGroups(_ family: AddressFamily) throws(Errno) {
    if family == .ipv4 {
      try setOption(Int32(IPPROTO_IP), IP_MULTICAST_ALL, 0)
    } else {
      try setOption(Int32(IPPROTO_IPV6), clinux_ipv6_multicast_all, 0)
    }
  }

  /// The source address need not be local yet.
  fileprivate func bindFreely(to source: IPAddress, in endpoint: AdvertisementEndpoint)
    throws(Errno)
  {
    try bindToDevice(endpoint.vrf)
    switch endpoint.family {
    case .ipv4: try setOption(Int32(IPPROTO_IP), IP_FREEBIND, 1)
    case .ipv6: try setOption(Int32(IPPROTO_IPV6), clinux_ipv6_freebind, 1)
    }
    try bind(to: source, scope: endpoint.interface)
  }

  fileprivate func receivePacketInformation(for endpoint: AdvertisementEndpoint) throws(Errno) {
    let ipv6 = Int32(IPPROTO_IPV6)
    if endpoint.family == .ipv6 {
      try setOption(ipv6, IPV6_RECVHOPLIMIT, 1)
      try setOption(ipv6, IPV6_RECVPKTINFO, 1)
    }
    try bindToDevice(endpoint.interfaceName.isEmpty ? endpoint.vrf : endpoint.interfaceName)
    if endpoint.family == .ipv6 { try setOption(ipv6, IPV6_CHECKSUM, 6) }
  }

  fileprivate func join(_ group: IPAddress, on interface: InterfaceIndex) throws(Errno) {
    switch group {
    case .ipv4(let group):
      var request = ip_mreqn()
      request.imr_multiaddr.s_addr = group.bits.bigEndian
      request.imr_ifindex = Int32(bitPattern: interface.rawValue)
      try setOption(Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, copying: request)
    case .ipv6(let group):
      let kernelGroup = group.kernelAddress
      try systemCall {
        unsafe withUnsafePointer(to: kernelGroup) {
          unsafe clinux_join_ipv6(rawValue, $0, interface.rawValue)
        }
      }
    }
  }
}
