import CLinux
package import Primitives

/// How the socket of a client is made: worked out once, opened for each attempt.
package struct ClientSocket: Sendable {
  package enum Kind: Sendable {
    case stream, datagram
    /// For echo requests of ICMP and ICMPv6; the kernel sees to their identifier.
    case echo
  }

  /// What went wrong, and where.
  package enum Fault: Error, Hashable, Sendable {
    case socket(Errno)
    case mark(UInt32, Errno)
    case device(String, Errno)
    case bind(Errno)
    case connect(Errno)

    /// Whether something is short here that is given back in a while: descriptors, memory, ports.
    /// It says nothing about the server; all else does, as it keeps this machine from reaching it.
    package var isShortage: Bool {
      switch self {
      case .socket(let error), .mark(_, let error), .device(_, let error): error.isShortage
      case .bind(let error): error.isShortage || error == .addressInUse
      // No port is free, or the chosen one still belongs to the connection before.
      case .connect(let error):
        error.isShortage || error == .addressInUse || error == .addressNotAvailable
      }
    }

    /// Whether the server or the way to it has refused, as happens every day.
    package var isRefusal: Bool {
      if case .connect(let error) = self { error.concernsPeer } else { false }
    }
  }

  private struct Endpoint: Sendable {
    var address: IPAddress
    var port: UInt16

    var socketAddress: (storage: sockaddr_storage, length: socklen_t) {
      address.socketAddress(port: port)
    }
  }

  private let family: Int32
  private let type: Int32
  private let transport: Int32
  /// Addresses of the kernel are made when they are needed: they are large.
  private let address: Endpoint
  private let source: Endpoint?
  private let device: String
  private let mark: UInt32

  /// `mark`: SO_MARK, 0 for none; `device`: the interface to use, empty for any.
  package init(
    _ kind: Kind, to address: IPAddress, port: UInt16,
    from source: (address: IPAddress, port: UInt16)? = nil, device: String = "", mark: UInt32 = 0
  ) {
    family = address.family == .ipv4 ? AF_INET : AF_INET6
    let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
    let echo = address.family == .ipv4 ? Int(IPPROTO_ICMP) : Int(IPPROTO_ICMPV6)
    transport = kind == .echo ? Int32(echo) : 0
    self.type = Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    self.address = Endpoint(address: address, port: port)
    self.source = source.map { Endpoint(address: $0.address, port: $0.port) }
    self.device = device
    self.mark = mark
  }

  /// A socket that is connected or about to be: then it gets writable when it is, or fails.
  package func open() throws(Fault) -> FileDescriptor {
    let descriptor = try prepared()
    let address = address.socketAddress
    do throws(Errno) {
      try systemCall {
        unsafe withUnsafePointer(to: address.storage) {
          unsafe clinux_connect(descriptor.rawValue, $0, address.length)
        }
      }
    } catch {
      if error != .inProgress { throw .connect(error) }
    }
    return descriptor
  }

  private func prepared() throws(Fault) -> FileDescriptor {
    let number: Int32
    do throws(Errno) { number = try systemCall { CLinux.socket(family, type, transport) } } catch {
      throw .socket(error)
    }
    let descriptor = FileDescriptor(owning: number)
    if mark != 0 {
      do throws(Errno) { try descriptor.setOption(SOL_SOCKET, SO_MARK, copying: mark) } catch {
        throw .mark(mark, error)
      }
    }
    if !device.isEmpty {
      do throws(Errno) { try descriptor.bindToDevice(device) } catch {
        throw .device(device, error)
      }
    }
    if let source = source?.socketAddress {
      do throws(Errno) {
        try systemCall {
          unsafe withUnsafePointer(to: source.storage) {
            unsafe clinux_bind(descriptor.rawValue, $0, source.length)
          }
        }
      } catch {
        throw .bind(error)
      }
    }
    return descriptor
  }
}

extension Errno {
  package static let inProgress = Errno(rawValue: EINPROGRESS)
  package static let timedOut = Errno(rawValue: ETIMEDOUT)

  /// The server or the way to it refused.
  package var concernsPeer: Bool {
    switch rawValue {
    case ENETUNREACH, EHOSTUNREACH, ECONNREFUSED, EHOSTDOWN, ENETDOWN, ECONNRESET, ECONNABORTED,
      ETIMEDOUT:
      true
    default: false
    }
  }
}

extension FileDescriptor {
  /// SO_ERROR: how the connecting of a socket went, nil for well. Reading it clears it.
  package var pendingError: Errno? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let result = unsafe getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &value, &length)
    if result < 0 { return .current }
    return value == 0 ? nil : Errno(rawValue: value)
  }

  /// Sends what the socket takes at once, from `offset` on; how much that was.
  package func send(_ bytes: [UInt8], from offset: Int = 0) throws(Errno) -> Int {
    let descriptor = rawValue
    return try systemCall {
      unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropFirst(offset))
        return unsafe CLinux.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
    }
  }

  package func setReceiveBuffer(_ octets: Int32) { try? setOption(SOL_SOCKET, SO_RCVBUF, octets) }

  /// Throws away a datagram that waits; whether there was one.
  package func discardDatagram() -> Bool {
    recv(rawValue, nil, 0, Int32(MSG_DONTWAIT | MSG_TRUNC)) >= 0
  }
}

/// What the network says about a datagram that was sent (ip(7), IP_RECVERR).
package struct SocketErrorReport: Hashable, Sendable {
  /// An ICMP or ICMPv6 Destination Unreachable, of whatever code.
  package var isUnreachable: Bool
}

extension FileDescriptor {
  /// From now on what the network says about sent datagrams is kept for `nextErrorReport`.
  package func reportErrors(_ family: AddressFamily) {
    switch family {
    case .ipv4: try? setOption(Int32(IPPROTO_IP), IP_RECVERR, 1)
    case .ipv6: try? setOption(Int32(IPPROTO_IPV6), IPV6_RECVERR, 1)
    }
  }

  /// The next report; nil without one.
  package func nextErrorReport() -> SocketErrorReport? {
    let kind = clinux_next_socket_error(rawValue)
    return kind < 0 ? nil : SocketErrorReport(isUnreachable: kind == 1)
  }
}
