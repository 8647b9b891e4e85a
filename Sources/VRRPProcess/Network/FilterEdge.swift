import Firewall
import Kernel
import Primitives
import SystemIO

/// Where the packet filter of a network namespace begins: nftables, or what stands for it in tests.
protocol FilterEdge: AnyObject {
  /// All of the requests, or none of them.
  func perform(_ requests: [FilterRequest]) throws(NFTablesChannel.Failure)
  func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool
  /// Listens to what others take from tables.
  func openTableMonitor() throws(Errno) -> any TableMonitor
}

protocol TableMonitor: AnyObject {
  /// Readable when there is something to be told.
  var descriptor: Int32 { get }
  /// Nil when there is nothing.
  func receive() throws(NetlinkMonitor.Failure) -> [NFTablesRemoval]?
}

extension NFTablesMonitor: TableMonitor {}

/// The packet filter of the network namespace that this process is in.
final class KernelFilter: FilterEdge {
  private let channel = NFTablesChannel()

  func perform(_ requests: [FilterRequest]) throws(NFTablesChannel.Failure) {
    try channel.perform(requests)
  }

  func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    try channel.holdsTable(name, family)
  }

  func openTableMonitor() throws(Errno) -> any TableMonitor {
    try NFTablesMonitor(ignoring: channel)
  }
}
