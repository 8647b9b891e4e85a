import Configuration
import Kernel
import Logging
import Primitives
import SystemIO

/// The network namespace that this process is in.
final class KernelNetwork: NetworkEdge {
  private let channel: NetlinkChannel
  private let monitor: NetlinkMonitor
  private let frames: LinkLayerSocket
  let filter: any FilterEdge = KernelFilter()

  init(_ globals: VRRPGlobals, log: Log) throws(Errno) {
    let command = globals.netlinkCmdRcvBufs
    let reflector = globals.netlinkMonitorRcvBufs
    log.detail("Registering Kernel netlink reflector")
    monitor = try NetlinkMonitor(
      groups: NetworkEvent.groups, receiveBuffer: Int32(clamping: reflector.bytes),
      force: reflector.force)
    log.detail("Registering Kernel netlink command channel")
    channel = try NetlinkChannel(
      receiveBuffer: Int32(clamping: command.bytes), force: command.force)
    frames = try LinkLayerSocket()
  }

  func interfaces() throws(Errno) -> [NetworkInterface] { try channel.interfaces() }

  func interfaces(named names: [String]) -> [NetworkInterface] {
    channel.interfaces(named: names)
  }

  func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress] {
    try channel.addresses(family)
  }

  func perform(_ changes: [NetworkChange]) -> [Errno?] {
    // No handler of these requests can be interrupted.
    channel.perform(changes.lazy.map(\.request), isSilent: true)
  }

  func routes(_ family: AddressFamily) throws(Errno) -> [InstalledRoute] {
    try channel.routes(family, from: PlacedRoute.trackedOrigin)
  }

  func rules(_ family: AddressFamily) throws(Errno) -> [RuleAssignment] {
    try channel.rules(family)
  }

  func value(of setting: NetworkSetting) -> String? {
    setting.path.flatMap { FileSystem.line(of: $0) }
  }

  func set(_ setting: NetworkSetting, to value: String) throws(Errno) {
    guard let path = setting.path else { throw .invalid }
    try FileSystem.setKernelValue(path, value)
  }

  var reports: Int32 { monitor.descriptor }

  func follow(_ kinds: Set<ReportedKind>, hearsOfNewRoutes: Bool) {
    monitor.follow(kinds)
    // Without it more is heard than is needed.
    try? monitor.ignoreRoutes(
      exceptFrom: PlacedRoute.trackedOrigin, hearsOfNew: hearsOfNewRoutes)
  }

  func report() throws(NetlinkMonitor.Failure) -> [NetworkReport]? {
    guard let messages = try monitor.receive() else { return nil }
    return messages.compactMap { message in
      NetworkEvent(message).map {
        NetworkReport(event: $0, isEcho: message.sender == channel.port)
      }
    }
  }

  func openPort(
    _ endpoint: AdvertisementEndpoint, receiveBuffer: Int32
  ) throws(AdvertisementSocket.Failure) -> any AdvertisementPort {
    try AdvertisementSocket(endpoint, receiveBuffer: receiveBuffer)
  }

  func send(_ frame: Span<UInt8>, on kernelIndex: InterfaceIndex) throws(Errno) {
    try frames.send(frame, on: kernelIndex)
  }
}
