import CLinux
import CNetlink
package import IPVS
package import Primitives
package import SystemIO

/// A change of a table of nftables.
package protocol NFTablesRequest {
  func message() -> NetlinkRequest
}

/// The kernel's nftables, by nfnetlink.
package final class NFTablesChannel {
  /// A transaction that the kernel did not do, no part of it.
  package struct Failure: Error {
    /// Which one was refused first; nil: nothing was asked.
    package var place: Int?
    package var reason: RequestFailure

    package init(place: Int?, reason: RequestFailure) {
      self.place = place
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
  package func perform(_ requests: [some NFTablesRequest]) throws(Failure) {
    let channel: NetlinkChannel
    do throws(Errno) { channel = try self.channel() } catch {
      throw Failure(place: nil, reason: RequestFailure(rawValue: error.rawValue))
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
      place: requests.indices.contains(index) ? index : 0,
      reason: RequestFailure(rawValue: error.rawValue))
  }

  /// Whether there is a table of a name.
  package func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    let request = NetlinkRequest.nftables("NFT_MSG_GETTABLE", NFT_MSG_GETTABLE, family)
    request.attribute(NFTA_TABLE_NAME, text: name)
    do throws(Errno) { return try !channel().query(request).isEmpty } catch {
      if error == .noEntry { return false }
      throw error
    }
  }

  /// By which changes of ours are known among those of others.
  var port: UInt32 { get throws(Errno) { try channel().port } }

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
