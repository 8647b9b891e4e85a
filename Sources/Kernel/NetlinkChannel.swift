// This target is what the kernel is asked and says by netlink: links, addresses, routes and rules
// (rtnetlink), IPVS (its generic netlink family), nftables (nfnetlink), and what drivers say of
// their links.
//
// `NetlinkRequest` is a message that is being written, by libnl; `NetlinkMessage` one that came in,
// of which nothing is believed before it is checked against its length. `NetlinkChannel` asks, many
// requests in one system call, and has each answer when the call returns. `NetlinkMonitor` listens
// to what others change. On top of these a kind of object has a type for what the kernel describes
// (`NetworkInterface`, `InterfaceAddress`, `InstalledRoute`), one for what we ask for
// (`AddressAssignment`, `RouteAssignment`, `RuleAssignment`, `VirtualLink`; for IPVS and nftables
// the values of the targets `IPVS` and `Firewall`), and its encoding in a file of its own. A change
// of a network namespace is a `NetworkChange`: a further kind of object is a case of
// `NetworkObject`, and an addition and a removal; `LinkSettings` is what changes of a link that is
// there.
//
// `XTablesChannel` alone speaks no netlink: rules of iptables go by libraries, which are loaded on
// demand (CXTables).
//
// Standards: rtnetlink(7), netlink(7), linux/ip_vs.h, linux/netfilter/nf_tables.h,
// linux/netfilter/ipset/ip_set.h.
//
// What must never happen: waiting for an answer (the kernel works within the send: what is not
// there then does not come); a message of the kernel that traps, however long its attributes claim
// to be; a word of the configuration or of a protocol in here.
import CLinux
import CNetlink
import Primitives
package import SystemIO

/// A netlink socket for requests and dumps: every request is answered before the call returns,
/// since the kernel does its work within the send. So nothing is ever waited for: what is not there
/// after the send does not come. (A handler of the kernel that returns EINTR, as the one that stops
/// a sync daemon of IPVS before it has run, answers nothing.)
@safe package final class NetlinkChannel {
  private let socket: OpaquePointer
  private var sequence: UInt32
  private var answers: Answers
  /// The address that the kernel gave the socket; messages on a monitor that carry it are echoes of
  /// our own requests.
  package let port: UInt32

  /// What comes back for the requests of one send.
  private final class Answers {
    var first: UInt32 = 0
    /// What came back for each request; nil while nothing has.
    var results: [Result<Void, Errno>?] = []
    var messages: [NetlinkMessage] = []
    var dumpEnded = false

    func take(sequence: UInt32, error: Errno?) {
      let index = Int(sequence &- first)
      guard results.indices.contains(index) else { return }
      results[index] = error.map { .failure($0) } ?? .success(())
    }

    var arePending: Bool { results.contains { $0 == nil } }

    /// The error of each; what has no answer has succeeded.
    var failures: [Errno?] {
      results.map { result in
        if case .failure(let error) = result { error } else { nil }
      }
    }

    /// The error of each; what has no answer failed with `missing`.
    func errors(missing: Errno) -> [Errno?] {
      results.map { result in
        switch result {
        case .success: nil
        case .failure(let error): error
        case nil: missing
        }
      }
    }
  }

  /// As many as their answers fit into the receive buffer.
  private let requestsAtOnce: Int

  /// `protocolNumber` as in socket(2); `receiveBuffer` 0 is 1 MiB, `sendBuffer` 0 the system's.
  package init(
    _ protocolNumber: Int32 = NETLINK_ROUTE, receiveBuffer: Int32 = 0, force: Bool = false,
    sendBuffer: Int32 = 0, requestsAtOnce: Int = 64
  ) throws(Errno) {
    guard let socket = unsafe nl_socket_alloc() else { throw .noBufferSpace }
    unsafe self.socket = socket
    answers = Answers()
    self.requestsAtOnce = requestsAtOnce
    sequence = UInt32(truncatingIfNeeded: Clock.wall.seconds)
    unsafe nl_socket_disable_auto_ack(socket)
    let result = unsafe nl_connect(socket, protocolNumber)
    port = unsafe nl_socket_get_local_port(socket)
    // All is initialised here: `deinit` frees the socket.
    if result < 0 { throw Errno(netlink: result) }
    try NetlinkMonitor.setBuffer(unsafe nl_socket_get_fd(socket), receiveBuffer, force)
    if sendBuffer > 0 {
      var size = sendBuffer
      // Where it is not allowed, what fits into the system's is sent.
      _ = unsafe setsockopt(
        nl_socket_get_fd(socket), SOL_SOCKET, SO_SNDBUFFORCE, &size,
        socklen_t(MemoryLayout<Int32>.size))
    }
    unsafe nl_socket_set_nonblocking(socket)
    // libnl peeks at the size first, so that no dump is cut.
    unsafe nl_socket_enable_msg_peek(socket)
    listen()
  }

  deinit { unsafe nl_socket_free(socket) }

  private func listen() {
    let context = unsafe Unmanaged.passUnretained(answers).toOpaque()
    unsafe nl_socket_modify_cb(
      socket, NL_CB_VALID, NL_CB_CUSTOM,
      { message, context in
        guard let context = unsafe context, let header = unsafe nlmsg_hdr(message) else {
          return Int32(NL_SKIP.rawValue)
        }
        unsafe Unmanaged<Answers>.fromOpaque(context).takeUnretainedValue().messages
          .append(NetlinkMessage(header))
        return Int32(NL_OK.rawValue)
      }, context)
    unsafe nl_socket_modify_cb(
      socket, NL_CB_FINISH, NL_CB_CUSTOM,
      { _, context in
        guard let context = unsafe context else { return Int32(NL_STOP.rawValue) }
        unsafe Unmanaged<Answers>.fromOpaque(context).takeUnretainedValue().dumpEnded = true
        return Int32(NL_STOP.rawValue)
      }, context)
    unsafe nl_socket_modify_cb(
      socket, NL_CB_ACK, NL_CB_CUSTOM,
      { message, context in
        guard let context = unsafe context, let header = unsafe nlmsg_hdr(message) else {
          return Int32(NL_SKIP.rawValue)
        }
        let answers = unsafe Unmanaged<Answers>.fromOpaque(context).takeUnretainedValue()
        unsafe answers.take(sequence: header.pointee.nlmsg_seq, error: nil)
        return Int32(NL_SKIP.rawValue)
      }, context)
    unsafe nl_socket_modify_err_cb(
      socket, NL_CB_CUSTOM,
      { _, error, context in
        guard let context = unsafe context, let error = unsafe error else {
          return Int32(NL_SKIP.rawValue)
        }
        let answers = unsafe Unmanaged<Answers>.fromOpaque(context).takeUnretainedValue()
        unsafe answers.take(
          sequence: error.pointee.msg.nlmsg_seq, error: Errno(rawValue: -error.pointee.error))
        return Int32(NL_SKIP.rawValue)
      }, context)
    unsafe nl_socket_disable_seq_check(socket)
  }

  /// Sends requests, many in one system call; the error of each, in their order. Each is asked for
  /// once: of a lazy collection one at a time needs memory.
  ///
  /// `isSilent`: only failures are answered, which saves as many answers as there are requests. Not
  /// for requests that a signal can cut short: the kernel has no answer for those.
  package func perform(
    _ requests: some Collection<NetlinkRequest>, isSilent: Bool = false
  ) -> [Errno?] {
    var errors: [Errno?] = []
    errors.reserveCapacity(requests.count)
    var rest = requests[...]
    while !rest.isEmpty {
      let batch = rest.prefix(requestsAtOnce)
      rest = rest.dropFirst(batch.count)
      errors += performBatch(batch, isSilent)
    }
    return errors
  }

  package func perform(_ request: NetlinkRequest) throws(Errno) {
    if let error = perform([request]).first ?? nil { throw error }
  }

  /// Asks for one object: what the kernel says of it.
  package func query(_ request: NetlinkRequest) throws(Errno) -> [NetlinkMessage] {
    answers.messages = []
    defer { answers.messages = [] }
    try perform(request)
    return answers.messages
  }

  /// Asks for many objects: what the kernel says of those that it has.
  func query(_ requests: [NetlinkRequest]) -> [NetlinkMessage] {
    answers.messages = []
    defer { answers.messages = [] }
    _ = perform(requests)
    return answers.messages
  }

  private func performBatch(
    _ batch: some Collection<NetlinkRequest>, _ isSilent: Bool
  ) -> [Errno?] {
    var bytes: [UInt8] = []
    answers.first = sequence &+ 1
    answers.results = Array(repeating: nil, count: batch.count)
    for request in batch {
      sequence &+= 1
      if !isSilent {
        unsafe nlmsg_hdr(request.message).pointee.nlmsg_flags |= UInt16(NLM_F_ACK)
      }
      bytes += request.bytes(sequence: sequence)
    }
    let sent = unsafe bytes.withUnsafeMutableBytes {
      unsafe nl_sendto(socket, $0.baseAddress, $0.count)
    }
    if sent < 0 { return Array(repeating: Errno(netlink: sent), count: batch.count) }
    while answers.arePending {
      let result = unsafe nl_recvmsgs_default(socket)
      // The kernel has done its work within the send: there will be no more.
      if result == -NLE_AGAIN && isSilent { return answers.failures }
      if result == -NLE_AGAIN { return answers.errors(missing: .interrupted) }
      if result < 0 { return answers.errors(missing: Errno(netlink: result)) }
    }
    return answers.errors(missing: .invalid)
  }

  /// Asks for a list of all objects. When they change while the kernel lists them it says that the
  /// list may have holes: it is asked again, and in the end the list is taken as it is.
  package func dump(_ request: NetlinkRequest) throws(Errno) -> [NetlinkMessage] {
    for _ in 0..<Self.dumpAttempts {
      if try dumpOnce(request) { break }
    }
    defer { answers.messages = [] }
    return answers.messages
  }

  private static let dumpAttempts = 10

  /// A dump of what the request's header selects; the kernel does so only where it is told that the
  /// header means something.
  func dumpSelection(_ request: NetlinkRequest) throws(Errno) -> [NetlinkMessage] {
    checksDumps(true)
    defer { checksDumps(false) }
    return try dump(request)
  }

  /// Before Linux 4.20 everything is listed.
  private func checksDumps(_ isStrict: Bool) {
    var value: Int32 = isStrict ? 1 : 0
    _ = unsafe setsockopt(
      nl_socket_get_fd(socket), SOL_NETLINK, Int32(NETLINK_GET_STRICT_CHK), &value,
      socklen_t(MemoryLayout<Int32>.size))
  }

  /// Whether the list in `answers` is whole.
  private func dumpOnce(_ request: NetlinkRequest) throws(Errno) -> Bool {
    sequence &+= 1
    answers.messages = []
    answers.dumpEnded = false
    answers.first = sequence
    answers.results = [nil]
    var isWhole = true
    var bytes = request.bytes(sequence: sequence)
    let sent = unsafe bytes.withUnsafeMutableBytes {
      unsafe nl_sendto(socket, $0.baseAddress, $0.count)
    }
    if sent < 0 { throw Errno(netlink: sent) }
    while !answers.dumpEnded {
      let result = unsafe nl_recvmsgs_default(socket)
      if case .failure(let error) = answers.results.first ?? nil { throw error }
      if result == -NLE_DUMP_INTR {
        isWhole = false
      } else if result < 0 {
        throw Errno(netlink: result)
      }
    }
    return isWhole
  }
}

extension Errno {
  /// From a result of libnl.
  init(netlink result: Int32) {
    switch -result {
    case NLE_AGAIN: self = .again
    case NLE_NOMEM: self = .noBufferSpace
    case NLE_EXIST: self = .exists
    case NLE_NODEV: self = .noDevice
    case NLE_PERM: self = .permission
    case NLE_NOADDR: self = .addressNotAvailable
    case NLE_OBJ_NOTFOUND: self = .noEntry
    default: self = .invalid
    }
  }
}
