import CLinux
import CNetlink
package import IPVS
package import SystemIO

/// The kernel's IPVS, by its generic netlink family.
package final class IPVSChannel {
  /// Why IPVS cannot be used.
  package enum Failure: Error {
    case namespace(path: String)
    case failed(Errno)

    /// For the log.
    package var text: String {
      switch self {
      case .namespace(let path): "cannot enter the network namespace of \(path)"
      case .failed(.noEntry): "the kernel has no IPVS (module ip_vs)"
      case .failed(let error): error.description
      }
    }
  }

  private let channel: NetlinkChannel
  /// The number of the family.
  private let family: UInt16
  /// Twelve bytes of headers and at most some 200 of attributes each: a send of about 32 KiB. The
  /// answer to a request that failed holds the request as well, and all of them fit into the
  /// receive buffer.
  private static let requestsAtOnce = 160

  /// In the network namespace of a file; nil: that of this process. Loads the kernel's module if it
  /// is not there.
  package init(namespaceFile: String? = nil) throws(Failure) {
    var opened: NetlinkChannel?
    var failure: Failure?
    let open = {
      do throws(Errno) {
        opened = try NetlinkChannel(
          Int32(NETLINK_GENERIC), requestsAtOnce: IPVSChannel.requestsAtOnce)
      } catch { failure = .failed(error) }
    }
    if let namespaceFile {
      do throws(Namespaces.Failure) {
        try Namespaces.insideNetwork(of: namespaceFile, open)
      } catch { throw .namespace(path: namespaceFile) }
    } else {
      open()
    }
    guard let opened else { throw failure ?? .failed(.invalid) }
    channel = opened
    do throws(Errno) { family = try Self.family(opened) } catch { throw .failed(error) }
  }

  private static func family(_ channel: NetlinkChannel) throws(Errno) -> UInt16 {
    do throws(Errno) {
      return try channel.genericFamily(IPVS_GENL_NAME)
    } catch {
      // The kernel loads modules of families itself, but not everywhere.
      KernelModules.load("ip_vs")
      return try channel.genericFamily(IPVS_GENL_NAME)
    }
  }

  /// Performs requests in their order, many in one system call. `failed` is told of each that the
  /// kernel refused, in their order.
  package func perform(_ requests: [Request], failed: (Request, RequestFailure) -> Void) {
    var rest = requests[...]
    while !rest.isEmpty {
      let batch = rest.prefix(Self.requestsAtOnce)
      rest = rest.dropFirst(batch.count)
      let errors = channel.perform(
        batch.lazy.map { [family] in $0.message(family: family) },
        // No signal cuts those about services short.
        isSilent: batch.allSatisfy { $0.service != nil })
      for (request, error) in zip(batch, errors) {
        if let error { failed(request, RequestFailure(rawValue: error.rawValue)) }
      }
    }
  }

  package func perform(_ request: Request) throws(RequestFailure) {
    var failure: RequestFailure?
    perform([request]) { failure = $1 }
    if let failure { throw failure }
  }

  // MARK: Reading

  package func timeouts() throws(Errno) -> Timeouts {
    let messages = try channel.query(.ipvs(IPVS_CMD_GET_CONFIG, family))
    guard let timeouts = messages.lazy.compactMap(Timeouts.init).first else { throw .invalid }
    return timeouts
  }

  /// All services, whoever made them.
  package func services() throws(Errno) -> [Service] {
    try channel.dump(.ipvs(IPVS_CMD_GET_SERVICE, family, flags: NLM_F_DUMP))
      .compactMap(Service.init)
  }

  /// The destinations of a service, whoever made them.
  package func destinations(of service: Service.Identity) throws(Errno) -> [Destination] {
    let request = NetlinkRequest.ipvs(IPVS_CMD_GET_DEST, family, flags: NLM_F_DUMP)
    request.nested(IPVS_CMD_ATTR_SERVICE) { service.append(to: request) }
    return try channel.dump(request).compactMap(Destination.init)
  }

  package func daemons() throws(Errno) -> [SyncDaemon] {
    try channel.dump(.ipvs(IPVS_CMD_GET_DAEMON, family, flags: NLM_F_DUMP))
      .compactMap(SyncDaemon.init)
  }
}

extension RequestFailure {
  /// The C library's text.
  package var systemText: String { Errno(rawValue: rawValue).description }
}

extension NetlinkChannel {
  /// The number of a generic netlink family.
  func genericFamily(_ name: String) throws(Errno) -> UInt16 {
    let request = NetlinkRequest("CTRL_CMD_GETFAMILY", type: Int(GENL_ID_CTRL))
    request.append(genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
    request.attribute(Int(CTRL_ATTR_FAMILY_NAME), text: name)
    for message in try query(request) {
      for (type, value) in message.attributes(after: MemoryLayout<genlmsghdr>.size)
      where type == Int(CTRL_ATTR_FAMILY_ID) {
        if let number = NetlinkMessage.load(value, UInt16.self) { return number }
      }
    }
    throw .noEntry
  }
}
