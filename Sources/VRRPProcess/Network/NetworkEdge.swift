import Kernel
import Primitives
import SystemIO

/// Where a network namespace begins that is not ours: netlink, and the sockets. The kernel is one
/// (`KernelNetwork`); tests have another, so that the process runs without rights.
protocol NetworkEdge: AnyObject {
  /// All links.
  func interfaces() throws(Errno) -> [NetworkInterface]
  /// Those of these names that exist.
  func interfaces(named names: [String]) -> [NetworkInterface]
  /// All addresses of a family.
  func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress]
  /// All routes of a family that can be tracked.
  func routes(_ family: AddressFamily) throws(Errno) -> [InstalledRoute]
  /// All rules of a family.
  func rules(_ family: AddressFamily) throws(Errno) -> [RuleAssignment]
  /// Asks for changes, many at once; the error of each, in their order.
  func perform(_ changes: [NetworkChange]) -> [Errno?]

  /// Nil where it cannot be read.
  func value(of setting: NetworkSetting) -> String?
  func set(_ setting: NetworkSetting, to value: String) throws(Errno)

  /// Readable when there is something to report.
  var reports: Int32 { get }
  /// Has routes and rules of these kinds reported when they go, and routes also when they come.
  func follow(_ kinds: Set<ReportedKind>, hearsOfNewRoutes: Bool)
  /// What has happened, whoever did it; nil when there is nothing.
  func report() throws(NetlinkMonitor.Failure) -> [NetworkReport]?

  /// `receiveBuffer` 0 leaves the system's size.
  func openPort(
    _ endpoint: AdvertisementEndpoint, receiveBuffer: Int32
  ) throws(AdvertisementSocket.Failure) -> any AdvertisementPort
  /// Its packet filter.
  var filter: any FilterEdge { get }
  /// Sends a whole frame, its link-layer header included.
  func send(_ frame: Span<UInt8>, on kernelIndex: InterfaceIndex) throws(Errno)
}

/// What has happened, and whether a request of our own caused it.
struct NetworkReport {
  var event: NetworkEvent
  var isEcho: Bool
}

/// Where adverts of one endpoint come and go.
protocol AdvertisementPort: AnyObject {
  var endpoint: AdvertisementEndpoint { get }
  /// Readable when packets wait.
  var receiverNumber: Int32 { get }
  var senderNumber: Int32 { get }
  /// How many datagrams were waiting, up to what the batch holds.
  func receive(into batch: DatagramBatch) throws(Errno) -> Int
  /// Sends an IPv4 packet with its header.
  func send(ipv4 packet: Span<UInt8>, to destination: IPv4Address) throws(Errno)
  /// Sends the payload of an IPv6 packet.
  func send(
    ipv6 payload: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    hopLimit: UInt8?
  ) throws(Errno)
}

extension AdvertisementSocket: AdvertisementPort {
  var receiverNumber: Int32 { receiver.rawValue }
  var senderNumber: Int32 { sender.rawValue }

  func receive(into batch: DatagramBatch) throws(Errno) -> Int { try batch.receive(from: receiver) }
}
