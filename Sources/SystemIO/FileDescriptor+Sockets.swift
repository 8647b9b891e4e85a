import CLinux
package import Primitives

/// What sockets of all kinds can be told, and how datagrams leave them.
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
  package func receiveOnlyJoinedGroups(_ family: AddressFamily) throws(Errno) {
    if family == .ipv4 {
      try setOption(Int32(IPPROTO_IP), IP_MULTICAST_ALL, 0)
    } else {
      try setOption(Int32(IPPROTO_IPV6), clinux_ipv6_multicast_all, 0)
    }
  }

  package func join(_ group: IPAddress, on interface: InterfaceIndex) throws(Errno) {
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

  /// For a socket that only sends: what comes in is dropped before it is queued.
  package func dropEverything() throws(Errno) {
    try systemCall { clinux_attach_drop_filter(rawValue) }
  }

  /// Sends a datagram; `flags` are those of send(2).
  package func send(
    _ datagram: Span<UInt8>, to destination: IPAddress, port: UInt16 = 0, flags: Int32 = 0
  ) throws(Errno) {
    let (address, length) = destination.socketAddress(port: port)
    try systemCall {
      unsafe datagram.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: address) {
          unsafe clinux_sendto(rawValue, bytes.baseAddress, bytes.count, flags, $0, length)
        }
      }
    }
  }

  /// Sends a datagram from an address and an interface of the caller's choice, and with its hop
  /// limit; nil: the socket's (RFC 3542 6.2, 6.3).
  package func send(
    _ datagram: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    on interface: InterfaceIndex, hopLimit: UInt8?, flags: Int32 = 0
  ) throws(Errno) {
    let address = destination.socketAddress(scope: interface)
    let kernelSource = source.kernelAddress
    try systemCall {
      unsafe datagram.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: address) { address in
          unsafe withUnsafePointer(to: kernelSource) { source in
            unsafe clinux_send_ipv6(
              rawValue, bytes.baseAddress, bytes.count, flags, address, source,
              interface.rawValue, hopLimit.map(Int32.init) ?? -1)
          }
        }
      }
    }
  }
}
