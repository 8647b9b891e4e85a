import CLinux
import CNetlink
import Primitives
package import SystemIO

/// Listens to what the kernel says of links and addresses, and of routes and rules where it is
/// asked to, whoever changed them.
@safe package final class NetlinkMonitor {
  private let socket: OpaquePointer
  private let inbox = Inbox()
  private var followed: Set<ReportedKind> = []

  private final class Inbox {
    var messages: [NetlinkMessage] = []
  }

  package var descriptor: Int32 { unsafe nl_socket_get_fd(socket) }

  /// `protocolNumber` as in socket(2); `groups` are multicast groups of it (`RTNLGRP_LINK` …).
  package init(
    _ protocolNumber: Int32 = NETLINK_ROUTE, groups: [UInt32], receiveBuffer: Int32 = 0,
    force: Bool = false
  ) throws(Errno) {
    guard let socket = unsafe nl_socket_alloc() else { throw .noBufferSpace }
    unsafe self.socket = socket
    unsafe nl_socket_disable_seq_check(socket)
    let result = unsafe nl_connect(socket, protocolNumber)
    // All is initialised here: `deinit` frees the socket.
    if result < 0 { throw Errno(netlink: result) }
    unsafe nl_socket_set_nonblocking(socket)
    unsafe nl_socket_enable_msg_peek(socket)
    try Self.setBuffer(unsafe nl_socket_get_fd(socket), receiveBuffer, force)
    for group in groups { unsafe nl_socket_add_membership(socket, Int32(group)) }
    let context = unsafe Unmanaged.passUnretained(inbox).toOpaque()
    unsafe nl_socket_modify_cb(
      socket, NL_CB_VALID, NL_CB_CUSTOM,
      { message, context in
        guard let context = unsafe context, let header = unsafe nlmsg_hdr(message) else {
          return Int32(NL_SKIP.rawValue)
        }
        unsafe Unmanaged<Inbox>.fromOpaque(context).takeUnretainedValue().messages
          .append(NetlinkMessage(header))
        return Int32(NL_OK.rawValue)
      }, context)
  }

  deinit { unsafe nl_socket_free(socket) }

  /// Nothing more of what the socket with this address has caused: the kernel puts what belongs to
  /// one request, or to one transaction, together.
  package func ignoreEchoes(of port: UInt32) throws(Errno) {
    try systemCall { clinux_netlink_ignore_port(descriptor, port) }
  }

  package enum Failure: Error {
    /// Messages were lost: what is known of links and addresses must be read anew.
    case overrun
    case failed(Errno)
  }

  /// The messages of one datagram; nil when none is waiting.
  package func receive() throws(Failure) -> [NetlinkMessage]? {
    inbox.messages.removeAll(keepingCapacity: true)
    let result = unsafe nl_recvmsgs_default(socket)
    if result >= 0 { return inbox.messages }
    let error = Errno(netlink: result)
    if error == .again { return nil }
    throw error == .noBufferSpace ? .overrun : .failed(error)
  }

  /// Hears of these kinds, besides what it always hears of, and of no others.
  package func follow(_ kinds: Set<ReportedKind>) {
    for kind in followed.subtracting(kinds) {
      unsafe nl_socket_drop_membership(socket, Int32(kind.group))
    }
    for kind in kinds.subtracting(followed) {
      unsafe nl_socket_add_membership(socket, Int32(kind.group))
    }
    followed = kinds
  }

  /// Of routes, only those of one protocol are heard of, of new ones only where that is asked for:
  /// the kernel drops the rest, so that a full table of somebody else's may change without waking
  /// this process.
  package func ignoreRoutes(
    exceptFrom origin: UInt8, hearsOfNew: Bool = false
  ) throws(Errno) {
    // Offsets in a message: its type, and the protocol in the header of a route behind it.
    let type: UInt32 = 4
    let originOffset = UInt32(MemoryLayout<nlmsghdr>.size) + 5
    let load = UInt16(BPF_LD | BPF_ABS)
    let jump = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    // Numbers are loaded as in network order, and the type is in the order of this machine.
    let new = UInt32(UInt16(RTM_NEWROUTE).bigEndian)
    let deleted = UInt32(UInt16(RTM_DELROUTE).bigEndian)
    var program = [
      sock_filter(code: load | UInt16(BPF_H), jt: 0, jf: 0, k: type),
      sock_filter(code: jump, jt: hearsOfNew ? 1 : 4, jf: 0, k: new),
      sock_filter(code: jump, jt: 0, jf: 2, k: deleted),
      sock_filter(code: load | UInt16(BPF_B), jt: 0, jf: 0, k: originOffset),
      sock_filter(code: jump, jt: 0, jf: 1, k: UInt32(origin)),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: .max),
      sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
    ]
    let count = UInt16(program.count)
    let fd = descriptor
    try systemCall {
      unsafe program.withUnsafeMutableBufferPointer { instructions in
        var filter = unsafe sock_fprog(len: count, filter: instructions.baseAddress)
        return unsafe setsockopt(
          fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
      }
    }
  }

  static func setBuffer(_ fd: Int32, _ size: Int32, _ force: Bool) throws(Errno) {
    // A burst of a thousand addresses fits; the kernel takes memory for what is there only.
    let isStandard = size == 0
    var size = isStandard ? 1 << 20 : size
    let length = socklen_t(MemoryLayout<Int32>.size)
    if isStandard || force,
      unsafe setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) == 0
    {
      return
    }
    try systemCall { unsafe setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, length) }
    var one: Int32 = 1
    // Ask for no messages of other namespaces and let the kernel check dump requests.
    _ = unsafe setsockopt(
      fd, SOL_NETLINK, Int32(NETLINK_EXT_ACK), &one, socklen_t(MemoryLayout<Int32>.size))
  }
}
