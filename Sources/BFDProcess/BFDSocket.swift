import CLinux
import Primitives
import SystemIO

/// UDP sockets of BFD (RFC 5881 4, RFC 5883 5).
enum BFDSocket {
  /// Hears IPv4 and IPv6 on a port, and is told hop limit and destination of each packet. On a
  /// machine without IPv6, IPv4 alone.
  static func listener(port: UInt16) throws(Errno) -> FileDescriptor {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = CLinux.socket(AF_INET6, type, Int32(IPPROTO_UDP))
    if raw < 0 { return try ipv4Listener(type, port) }
    let socket = FileDescriptor(owning: raw)
    try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
    try socket.setOption(Int32(IPPROTO_IP), IP_RECVTTL, 1)
    try socket.setOption(Int32(IPPROTO_IPV6), IPV6_RECVHOPLIMIT, 1)
    try socket.setOption(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, 1)
    try socket.bind(to: .ipv6(.any), port: port)
    return socket
  }

  private static func ipv4Listener(_ type: Int32, _ port: UInt16) throws(Errno) -> FileDescriptor {
    let socket = FileDescriptor(
      owning: try systemCall { CLinux.socket(AF_INET, type, Int32(IPPROTO_UDP)) })
    try socket.setOption(Int32(IPPROTO_IP), IP_RECVTTL, 1)
    try socket.bind(to: .ipv4(.any), port: port)
    return socket
  }

  /// Sends with a hop limit, from a source address or whichever the kernel chooses. A bound socket
  /// has a port of the range that RFC 5881 4 demands, drawn by `random`.
  static func sender(
    to neighbor: IPAddress, from source: IPAddress?, hopLimit: UInt8, random: () -> UInt64
  ) throws(Errno) -> FileDescriptor {
    let family = neighbor.family == .ipv4 ? AF_INET : AF_INET6
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = FileDescriptor(
      owning: try systemCall { CLinux.socket(family, type, Int32(IPPROTO_UDP)) })
    try setHopLimit(hopLimit, neighbor.family, on: socket)
    if let source { try bind(socket, to: source, in: ports, startingAt: random()) }
    return socket
  }

  static func setHopLimit(
    _ hopLimit: UInt8, _ family: AddressFamily, on socket: borrowing FileDescriptor
  ) throws(Errno) {
    switch family {
    case .ipv4: try socket.setOption(Int32(IPPROTO_IP), IP_TTL, Int32(hopLimit))
    case .ipv6: try socket.setOption(Int32(IPPROTO_IPV6), IPV6_UNICAST_HOPS, Int32(hopLimit))
    }
  }

  private static func bind(
    _ socket: borrowing FileDescriptor, to source: IPAddress, in ports: ClosedRange<UInt16>,
    startingAt start: UInt64
  ) throws(Errno) {
    let count = UInt64(ports.upperBound - ports.lowerBound) + 1
    for offset in 0..<count {
      let port = ports.lowerBound + UInt16((start % count + offset) % count)
      do throws(Errno) {
        try socket.bind(to: source, port: port)
        return
      } catch {
        if error != .addressInUse { throw error }
      }
    }
    throw .addressInUse
  }

  /// The system's range for ports of its choice, as far as RFC 5881 4 allows it.
  private static var ports: ClosedRange<UInt16> {
    let standard: ClosedRange<UInt16> = 49152...60999
    guard let line = FileSystem.line(of: "/proc/sys/net/ipv4/ip_local_port_range") else {
      return standard
    }
    let ends = line.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
    guard ends.count == 2 else { return standard }
    let lower = max(ends[0], 49152)
    return ends[1] >= lower && ends[1] - lower >= 1023 ? lower...ends[1] : 49152...65535
  }
}
