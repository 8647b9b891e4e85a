import Kernel
import Primitives
import SystemIO
import SystemTestSupport

@testable import VRRPProcess

/// A network namespace that is not there: links, addresses, and what was sent.
final class FakeNetwork: NetworkEdge {
  var links: [NetworkInterface]
  private(set) var held: [AddressAssignment] = []
  private(set) var routes: [RouteAssignment] = []
  private(set) var rules: [RuleAssignment] = []
  private(set) var followed: Set<ReportedKind> = []
  private(set) var hearsOfNewRoutes = false
  /// What it was asked, in order.
  var changes: [NetworkChange] = []
  /// Addresses that it refuses, and why.
  var refusals: [IPAddress: Errno] = [:]
  /// Answers to what it is asked of routes to these, by the name of the request.
  var routeRefusals: [IPAddress: [String: Errno]] = [:]
  /// Links that it refuses, by their names, and why.
  var linkRefusals: [String: Errno] = [:]
  /// Settings that are not 0.
  var values: [NetworkSetting: String] = [:]
  private var nextIndex: UInt32 = 100
  private let bell: EventCounter
  private var pending: [Result<[NetworkReport], NetlinkMonitor.Failure>] = []
  private(set) var ports: [FakePort] = []
  let tables: FakeFilter
  /// The link-layer frames sent, by the kernel's index of their interface.
  var frames: [(interface: InterfaceIndex, octets: [UInt8])] = []

  init(_ links: [NetworkInterface]) throws(Errno) {
    self.links = links
    bell = try EventCounter()
    tables = try FakeFilter()
  }

  // MARK: As the kernel

  var filter: any FilterEdge { tables }

  func interfaces() throws(Errno) -> [NetworkInterface] { links }

  func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress] {
    held.filter { $0.address.family == family }.map(\.reported)
  }

  func routes(_ family: AddressFamily) throws(Errno) -> [InstalledRoute] {
    routes.filter { $0.family == family }.map(\.reported)
  }

  func rules(_ family: AddressFamily) throws(Errno) -> [RuleAssignment] {
    rules.filter { $0.family == family }
  }

  func follow(_ kinds: Set<ReportedKind>, hearsOfNewRoutes: Bool) {
    followed = kinds
    self.hearsOfNewRoutes = hearsOfNewRoutes
  }

  func perform(_ changes: [NetworkChange]) -> [Errno?] {
    self.changes += changes
    return changes.map { change in
      switch change {
      case .add(.address(let address)), .replace(.address(let address)): add(address)
      case .remove(.address(let address)): remove(address)
      case .add(.route(let route)): add(route)
      case .replace(.route(let route)): replace(route)
      case .remove(.route(let route)): remove(route)
      case .add(.rule(let rule)), .replace(.rule(let rule)): add(rule)
      case .remove(.rule(let rule)): remove(rule)
      case .add(.link(let link)), .replace(.link(let link)): add(link)
      case .remove(.link(let link)): removeLink(link.index)
      case .set(let settings): set(settings)
      case .removeLinks(let group): removeLinks(group)
      }
    }
  }

  private func add(_ route: RouteAssignment) -> Errno? {
    if let refusal = routeRefusals[route.destination.address]?["add"] { return refusal }
    if routes.contains(where: { $0.reported == route.reported }) { return .exists }
    routes.append(route)
    if hearsOfNewRoutes { report([.route(route.reported)], isEcho: true) }
    return nil
  }

  /// As the kernel: the first one to that destination, whatever its way.
  private func replace(_ route: RouteAssignment) -> Errno? {
    if let refusal = routeRefusals[route.destination.address]?["replace"] { return refusal }
    routes.removeAll { $0.destination == route.destination && $0.table == route.table }
    routes.append(route)
    if hearsOfNewRoutes { report([.route(route.reported)], isEcho: true) }
    return nil
  }

  private func remove(_ route: RouteAssignment) -> Errno? {
    guard let place = routes.firstIndex(where: { $0.reported == route.reported }) else {
      return .noProcess
    }
    report([.routeDeleted(routes.remove(at: place).reported)], isEcho: true)
    return nil
  }

  private func add(_ rule: RuleAssignment) -> Errno? {
    if rules.contains(rule) { return .exists }
    rules.append(rule)
    return nil
  }

  private func remove(_ rule: RuleAssignment) -> Errno? {
    guard let place = rules.firstIndex(of: rule) else { return .noEntry }
    report([.ruleDeleted(rules.remove(at: place))], isEcho: true)
    return nil
  }

  // MARK: Links

  func interfaces(named names: [String]) -> [NetworkInterface] {
    names.compactMap { name in links.first { $0.name == name } }
  }

  func link(_ name: String) -> NetworkInterface? { links.first { $0.name == name } }

  private func add(_ link: VirtualLink) -> Errno? {
    if let refusal = linkRefusals[link.name] { return refusal }
    if self.link(link.name) != nil { return .exists }
    guard links.contains(where: { $0.index == link.parent }) else { return .noDevice }
    nextIndex += 1
    guard let made = link.reported(as: nextIndex) else { return .invalid }
    links.append(made)
    report([.link(made)], isEcho: true)
    return nil
  }

  private func removeLink(_ index: InterfaceIndex) -> Errno? {
    guard let place = links.firstIndex(where: { $0.index == index }) else { return .noDevice }
    deletes(links[place], isEcho: true)
    return nil
  }

  private func removeLinks(_ group: UInt32) -> Errno? {
    if group == 0 { return .permission }
    for link in links where link.group == group { deletes(link, isEcho: true) }
    return nil
  }

  private func deletes(_ link: NetworkInterface, isEcho: Bool) {
    let gone = held.filter { $0.interface == link.index }
    held.removeAll { $0.interface == link.index }
    links.removeAll { $0.index == link.index }
    let upper = links.filter { $0.base == link.index && $0.index != link.index }
    for link in upper { deletes(link, isEcho: isEcho) }
    report(gone.map { .addressDeleted($0.reported) }, isEcho: isEcho)
    report([.linkDeleted(link)], isEcho: isEcho)
  }

  private func set(_ settings: LinkSettings) -> Errno? {
    guard let place = links.firstIndex(where: { $0.index == settings.index }) else {
      return .noDevice
    }
    if settings.isUp {
      let base = links.first { $0.index == links[place].base }
      if base?.isUp == false && base?.index != settings.index { return .networkDown }
      let isTaken = links.contains { other in
        other.index != settings.index && other.base == links[place].base && other.isUp
          && other.kind == "macvlan" && other.address == links[place].address
      }
      if isTaken { return .addressInUse }
      links[place].flags |= 0x1_1043
    }
    if let address = settings.address { links[place].address = address }
    if let group = settings.group { links[place].group = group }
    if let controller = settings.controller { links[place].controller = controller }
    report([.link(links[place])], isEcho: true)
    return nil
  }

  func value(of setting: NetworkSetting) -> String? { values[setting] ?? "0" }

  func set(_ setting: NetworkSetting, to value: String) throws(Errno) { values[setting] = value }

  /// Somebody else deletes a link, and with it what stands on it.
  func deletesLink(_ name: String) {
    if let link = link(name) { deletes(link, isEcho: false) }
  }

  /// Somebody else makes a link, or changes one.
  func changesLink(_ link: NetworkInterface) {
    links.removeAll { $0.index == link.index }
    links.append(link)
    happens(.link(link))
  }

  private func add(_ address: AddressAssignment) -> Errno? {
    if let refusal = refusals[address.address] { return refusal }
    if held.contains(where: { $0.isSamePlace(as: address) }) { return .exists }
    held.append(address)
    report([.address(address.reported)], isEcho: true)
    return nil
  }

  private func remove(_ address: AddressAssignment) -> Errno? {
    guard let place = held.firstIndex(where: { $0.isSamePlace(as: address) }) else {
      return .addressNotAvailable
    }
    held.remove(at: place)
    report([.addressDeleted(address.reported)], isEcho: true)
    return nil
  }

  var reports: Int32 { bell.descriptor.rawValue }

  func report() throws(NetlinkMonitor.Failure) -> [NetworkReport]? {
    guard !pending.isEmpty else {
      _ = bell.take()
      return nil
    }
    return try pending.removeFirst().get()
  }

  func openPort(
    _ endpoint: AdvertisementEndpoint, receiveBuffer: Int32
  ) throws(AdvertisementSocket.Failure) -> any AdvertisementPort {
    do throws(Errno) {
      let port = try FakePort(endpoint)
      ports.append(port)
      return port
    } catch { throw .open(error) }
  }

  func send(_ frame: Span<UInt8>, on kernelIndex: InterfaceIndex) throws(Errno) {
    frames.append((kernelIndex, frame.indices.map { frame[$0] }))
  }

  // MARK: As somebody else

  private func report(_ events: [NetworkEvent], isEcho: Bool) {
    pending.append(.success(events.map { NetworkReport(event: $0, isEcho: isEcho) }))
    bell.add()
  }

  func happens(_ events: NetworkEvent...) { report(events, isEcho: false) }

  /// Somebody else takes an address.
  func takes(_ address: IPAddress) {
    guard let place = held.firstIndex(where: { $0.address == address }) else { return }
    happens(.addressDeleted(held.remove(at: place).reported))
  }

  /// It goes without a report.
  func loses(_ address: IPAddress) { held.removeAll { $0.address == address } }

  /// Somebody else takes the route to an address.
  func takesRoute(to address: IPAddress) {
    guard let place = routes.firstIndex(where: { $0.destination.address == address }) else {
      return
    }
    happens(.routeDeleted(routes.remove(at: place).reported))
  }

  /// It goes without a report.
  func losesRoute(to address: IPAddress) {
    routes.removeAll { $0.destination.address == address }
  }

  func takesRule(_ priority: UInt32) {
    guard let place = rules.firstIndex(where: { $0.priority == priority }) else { return }
    happens(.ruleDeleted(rules.remove(at: place)))
  }

  func losesRule(_ priority: UInt32) { rules.removeAll { $0.priority == priority } }

  var routeTexts: [String] {
    routes.map { "\($0.destination.address)/\($0.destination.length)" }
  }

  func overruns() {
    pending = [.failure(.overrun)]
    bell.add()
  }

  /// A primary address that we remove takes this one along.
  func takesAlong(_ address: IPAddress) {
    guard let place = held.firstIndex(where: { $0.address == address }) else { return }
    report([.addressDeleted(held.remove(at: place).reported)], isEcho: true)
  }

  /// What is on an interface, by its kernel index.
  func texts(on kernelIndex: UInt32) -> [String] {
    held.filter { $0.interface.rawValue == kernelIndex }
      .map { "\($0.address)/\($0.prefixLength)" }
  }
}

/// A port that keeps what was sent.
final class FakePort: AdvertisementPort {
  let endpoint: AdvertisementEndpoint
  private let silence: EventCounter
  private(set) var sent: [[UInt8]] = []

  init(_ endpoint: AdvertisementEndpoint) throws(Errno) {
    self.endpoint = endpoint
    silence = try EventCounter()
  }

  var receiverNumber: Int32 { silence.descriptor.rawValue }
  var senderNumber: Int32 { silence.descriptor.rawValue }

  func receive(into batch: DatagramBatch) throws(Errno) -> Int { 0 }

  func send(ipv4 packet: Span<UInt8>, to destination: IPv4Address) throws(Errno) {
    sent.append(packet.indices.map { packet[$0] })
  }

  func send(
    ipv6 payload: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    hopLimit: UInt8?
  ) throws(Errno) {
    sent.append(payload.indices.map { payload[$0] })
  }
}

extension AddressAssignment {
  fileprivate var reported: InterfaceAddress {
    InterfaceAddress(interface: interface, address: address, prefixLength: prefixLength)
  }

  fileprivate func isSamePlace(as other: AddressAssignment) -> Bool {
    interface == other.interface && address == other.address
      && prefixLength == other.prefixLength
  }
}

extension RouteAssignment {
  fileprivate var reported: InstalledRoute {
    let all = hops.isEmpty ? [hop] : hops
    // What leads nowhere in particular leads over the first interface.
    let interfaces = all.map {
      $0.interface == .none ? InterfaceIndex(rawValue: 2) : $0.interface
    }
    return InstalledRoute(
      to: destination, source: source, table: table, tos: tos, metric: metric ?? 0,
      origin: origin, gateway: hops.isEmpty ? hop.gateway : nil, interfaces: interfaces)
  }
}

extension VirtualLink {
  /// As the kernel would report it: not switched on yet.
  fileprivate func reported(as index: UInt32) -> NetworkInterface? {
    let kind: [UInt8]
    var address: [UInt8] = [2, 0, 0, 0, 1, 1]
    switch self.kind {
    case .privateMacvlan(let own):
      kind = NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1)))
      address = (0..<6).map { own.octets[$0] }
    case .ipvlan: kind = NetlinkBytes.kind("ipvlan", 1, NetlinkBytes.number(UInt16(0)))
    }
    return NetworkInterface.parsed(
      NetlinkBytes.link(
        name, index: index, flags: 0x1002,
        extra: kind + NetlinkBytes.attribute(5, NetlinkBytes.number(parent.rawValue))
          + NetlinkBytes.attribute(1, address)
          + NetlinkBytes.attribute(27, NetlinkBytes.number(group))
          + NetlinkBytes.attribute(10, NetlinkBytes.number(controller.rawValue))))
  }
}
