import CLinux
import CNetlink
package import IPVS
import Primitives
import SystemIO

/// The kernel's nftables, by nfnetlink.
package final class NFTablesChannel {
  /// A transaction that the kernel did not do, no part of it.
  package struct Failure: Error {
    /// The first one that was refused; nil: nothing was asked.
    package var request: MarkRequest?
    package var reason: RequestFailure

    package init(request: MarkRequest?, reason: RequestFailure) {
      self.request = request
      self.reason = reason
    }
  }

  /// Takes a transaction of half a million elements; memory is taken for what is sent only.
  private static let sendBuffer: Int32 = 64 << 20

  private let namespaceFile: String?
  private var opened: NetlinkChannel?

  /// In the network namespace of a file; nil: that of this process. The socket is opened for the
  /// first transaction.
  package init(namespaceFile: String? = nil) { self.namespaceFile = namespaceFile }

  /// All of the requests, or none of them.
  package func perform(_ requests: [MarkRequest]) throws(Failure) {
    let channel: NetlinkChannel
    do throws(Errno) { channel = try self.channel() } catch {
      throw Failure(request: nil, reason: RequestFailure(rawValue: error.rawValue))
    }
    let messages =
      [NetlinkRequest.batch(NFNL_MSG_BATCH_BEGIN)]
      + requests.map { $0.message() } + [NetlinkRequest.batch(NFNL_MSG_BATCH_END)]
    let errors = channel.perform(messages, isSilent: true)
    guard let place = errors.firstIndex(where: { $0 != nil }), let error = errors[place] else {
      return
    }
    // The commit is answered as the begin of the batch.
    let index = place - 1
    throw Failure(
      request: requests.indices.contains(index) ? requests[index] : requests.first,
      reason: RequestFailure(rawValue: error.rawValue))
  }

  private func channel() throws(Errno) -> NetlinkChannel {
    if let opened { return opened }
    var result: Result<NetlinkChannel, Errno> = .failure(.noEntry)
    let open = {
      do throws(Errno) {
        result = .success(
          try NetlinkChannel(
            Int32(NETLINK_NETFILTER), sendBuffer: Self.sendBuffer, requestsAtOnce: .max))
      } catch { result = .failure(error) }
    }
    if let namespaceFile {
      do throws(Namespaces.Failure) {
        try Namespaces.insideNetwork(of: namespaceFile, open)
      } catch { throw .noEntry }
    } else {
      open()
    }
    let channel = try result.get()
    opened = channel
    return channel
  }
}
