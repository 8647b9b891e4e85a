import Firewall
import Kernel
import Primitives
import SystemIO

/// Where the packet filter of a network namespace begins: nftables, iptables with its sets, or what
/// stands for them in tests.
protocol FilterEdge: AnyObject {
  /// All of the requests, or none of them.
  func perform(_ requests: [FilterRequest]) throws(NFTablesChannel.Failure)
  func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool
  /// Listens to what others take from tables.
  func openTableMonitor() throws(Errno) -> any TableMonitor

  var iptables: IPTablesSupport { get }
  /// All of the changes, or none of them.
  func change(
    _ changes: [XTablesChange], _ family: AddressFamily) throws(XTablesChannel.Failure)
  func holdsChain(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool
  /// The error of each, in their order.
  func perform(_ requests: [IPSetRequest]) -> [Errno?]
}

/// What iptables is here.
enum IPTablesSupport {
  case own
  /// The program writes its rules to nftables: those of the old kind would not be seen by it.
  case byNFTables
  /// Its library is not there.
  case missing
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
  /// Opened for the first change of a set.
  private var sets: NetlinkChannel?

  func perform(_ requests: [FilterRequest]) throws(NFTablesChannel.Failure) {
    try channel.perform(requests)
  }

  func holdsTable(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    try channel.holdsTable(name, family)
  }

  func openTableMonitor() throws(Errno) -> any TableMonitor {
    try NFTablesMonitor(ignoring: channel)
  }

  // MARK: iptables

  /// `iptables -V` would say it too; where the program's name leads to says it without running it.
  var iptables: IPTablesSupport {
    let path = Environment["PATH"] ?? Environment.standardPath
    let program = path.split(separator: ":").map { "\($0)/iptables" }.first {
      FileSystem.canExecute($0)
    }
    if let program, let target = try? FileSystem.realPath(program),
      let name = target.split(separator: "/").last,
      name.hasPrefix("xtables-nft") || name.hasSuffix("-nft")
    {
      return .byNFTables
    }
    return XTablesChannel.isAvailable ? .own : .missing
  }

  func change(
    _ changes: [XTablesChange], _ family: AddressFamily
  ) throws(XTablesChannel.Failure) {
    try XTablesChannel.perform(changes, family)
  }

  /// The kernel loads the module of a table by itself, once that of the family is there.
  func holdsChain(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    do throws(Errno) { return try XTablesChannel.holdsChain(name, family) } catch {
      guard error == Self.noSuchOption else { throw error }
      KernelModules.load(family == .ipv4 ? "ip_tables" : "ip6_tables")
      return try XTablesChannel.holdsChain(name, family)
    }
  }

  private static let noSuchOption = Errno(rawValue: 92)

  func perform(_ requests: [IPSetRequest]) -> [Errno?] {
    do throws(Errno) {
      if sets == nil { sets = try .ofIPSets() }
      return sets?.perform(requests) ?? []
    } catch { return Array(repeating: error, count: requests.count) }
  }
}
