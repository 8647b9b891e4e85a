import CLinux
import Primitives
import SystemIO

/// What VRRP sockets are shared by: all routers that send and receive in the same way.
struct AdvertisementEndpoint: Hashable, Sendable {
  enum Cast: Hashable, Sendable {
    /// Adverts go to a group.
    case multicast(group: IPAddress)
    /// Adverts go from this address to each peer.
    case unicast(source: IPAddress)
  }

  /// What stands behind the IP header.
  enum Carrier: Hashable, Sendable {
    case vrrp
    /// The IP authentication header (RFC 4302), with VRRP behind it.
    case authenticationHeader

    var protocolNumber: Int32 { self == .vrrp ? clinux_ipproto_vrrp : Int32(IPPROTO_AH) }
  }

  var cast: Cast
  var carrier: Carrier
  var interface: InterfaceIndex
  var interfaceName: String
  /// The VRF that unicast sockets are bound to; empty for none.
  var vrf: String

  init(
    cast: Cast, carrier: Carrier, interface: InterfaceIndex, interfaceName: String, vrf: String = ""
  ) {
    self.cast = cast
    self.carrier = carrier
    self.interface = interface
    self.interfaceName = interfaceName
    self.vrf = vrf
  }

  var family: AddressFamily {
    switch cast {
    case .multicast(let group): group.family
    case .unicast(let source): source.family
    }
  }

  var isMulticast: Bool {
    if case .multicast = cast { true } else { false }
  }
}

/// The receiving and the sending raw socket of an endpoint.
///
/// The order of the options is part of the behaviour: membership before bind, and the filter of the
/// sending socket last, so that nothing is queued there.
final class AdvertisementSocket {
  let endpoint: AdvertisementEndpoint
  let receiver: FileDescriptor
  let sender: FileDescriptor

  enum Failure: Error {
    case open(Errno)
    case join(Errno)
    case bind(Errno)
  }

  /// `receiveBuffer` 0 leaves the system's size.
  init(_ endpoint: AdvertisementEndpoint, receiveBuffer: Int32) throws(Failure) {
    self.endpoint = endpoint
    receiver = try Self.openReceiver(endpoint, receiveBuffer)
    do throws(Errno) { sender = try Self.openSender(endpoint) } catch { throw .open(error) }
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
    try socket.dropEverything()
    return socket
  }

  /// Sends an IPv4 packet with its header.
  func send(ipv4 packet: Span<UInt8>, to destination: IPv4Address) throws(Errno) {
    try sender.send(packet, to: .ipv4(destination), flags: flags)
  }

  /// Sends the payload of an IPv6 packet; the kernel makes the header.
  func send(
    ipv6 payload: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    hopLimit: UInt8?
  ) throws(Errno) {
    try sender.send(
      payload, to: destination, from: source, on: endpoint.interface, hopLimit: hopLimit,
      flags: flags)
  }

  private var flags: Int32 { endpoint.isMulticast ? Int32(MSG_DONTROUTE) : 0 }
}

extension FileDescriptor {
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
}
