import CLinux
import CNetlink
import Primitives
package import SystemIO

/// Listens to what the kernel says of its objects, whoever changed them.
@safe package final class NetlinkMonitor {
  private let socket: OpaquePointer
  private let inbox = Inbox()

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
