import Configuration
import Kernel
import Primitives
import SystemIO

/// A line of routes with the interfaces that it names.
///
/// A class: the router that wants it and `Installer` hold one and the same.
final class PlacedRoute {
  let line: RouteLine
  /// As `InterfaceTable` numbers them; none where the line names none.
  let interface: InterfaceIndex
  private let hopInterfaces: [InterfaceIndex]
  let key: Key
  /// Where it leads since the kernel has set it.
  var ways: [InterfaceIndex] = []

  init(_ line: RouteLine, in interfaces: InterfaceTable) {
    self.line = line
    interface = line.device.map(interfaces.number(named:)) ?? .none
    hopInterfaces = line.nexthops.map { $0.device.map(interfaces.number(named:)) ?? .none }
    // A list of one hop is a plain route for the kernel.
    let hop = line.nexthops.count == 1 ? line.nexthops.first : nil
    key = Key(
      slot: Slot(line), gateway: hop?.via ?? line.via,
      interface: hop == nil ? interface : hopInterfaces.first ?? .none,
      isMultipath: line.nexthops.count > 1)
  }

  /// RTPROT_KEEPALIVED. A route of another protocol cannot be tracked.
  static let trackedOrigin: UInt8 = 18

  /// What goes by itself when its time is over is missed by nobody.
  var isTracked: Bool { !line.noTrack && line.expires == nil }

  /// Whether the kernel has looked for its interface and has not said which one it is.
  var hasUnknownWay: Bool {
    line.family == .ipv4 && ways.isEmpty && namedInterfaces.isEmpty
      && (line.via != nil || !line.nexthops.isEmpty)
  }

  /// Whether all that it leads over is switched off, or gone.
  func isStranded(in interfaces: InterfaceTable) -> Bool {
    let over = namedInterfaces + ways
    return !over.isEmpty && over.allSatisfy { interfaces[$0].link?.isSwitchedOn != true }
  }

  private var namedInterfaces: [InterfaceIndex] {
    ([interface] + hopInterfaces).filter { $0 != .none }
  }
}

extension PlacedRoute: Installable {
  /// What a routing table holds one route for, or several with different ways.
  struct Slot: Hashable {
    var destination: RouteAssignment.Prefix
    var source: RouteAssignment.Prefix?
    var table: UInt32
    var tos: UInt8
    var metric: UInt32
    var origin: UInt8
  }

  struct Key: Hashable {
    var slot: Slot
    var gateway: IPAddress?
    var interface: InterfaceIndex
    var isMultipath: Bool
  }

  var slot: Slot { key.slot }

  /// What lines can mean by a route that the kernel describes.
  static func keys(_ route: InstalledRoute, in interfaces: InterfaceTable) -> [Key] {
    let slot = Slot(
      destination: route.destination, source: route.source, table: route.table, tos: route.tos,
      metric: route.metric, origin: route.origin)
    let only = route.interfaces.count == 1 ? route.interfaces.first : nil
    let interface = only.flatMap(interfaces.number(kernelIndex:)) ?? .none
    let plain = Key(slot: slot, gateway: route.gateway, interface: interface, isMultipath: false)
    var anywhere = plain
    anywhere.interface = .none
    // The ways of an IPv6 route with several go one by one.
    let multipath = Key(slot: slot, gateway: nil, interface: .none, isMultipath: true)
    return [plain, anywhere, multipath]
  }

  func isSame(as other: PlacedRoute) -> Bool {
    guard key == other.key else { return false }
    var new = line
    // What changes nothing in the kernel.
    new.noTrack = other.line.noTrack
    new.trackGroup = other.line.trackGroup
    return new == other.line
  }

  func inherit(from old: PlacedRoute) { ways = old.ways }

  func isOn(_ interface: InterfaceIndex) -> Bool {
    namedInterfaces.contains(interface) || ways.contains(interface)
  }

  /// With the last of its ways.
  func goes(with interface: InterfaceIndex, in interfaces: InterfaceTable) -> Bool {
    isOn(interface)
      && (namedInterfaces + ways).allSatisfy {
        $0 == interface || interfaces[$0].link?.isSwitchedOn != true
      }
  }

  func missingInterface(in interfaces: InterfaceTable) -> InterfaceIndex? {
    namedInterfaces.first { interfaces[$0].link == nil }
  }

  /// The first of several in one place is replaced: one that comes behind others is not.
  var replaces: Bool { line.placement != .append }

  var shortTitle: String { "route \(line.destination.routeText)" }

  var title: String { "route \(line)\(line.position.inParentheses)" }

  var consequence: String { "; it is tried again until it is there" }

  static var additionName: String { "RTM_NEWROUTE(24)" }
  static var removalName: String { "RTM_DELROUTE(25)" }
  static let presence: Set<Errno> = [.exists]
  static let absence: Set<Errno> = [.noProcess, .noDevice, .noEntry]
  static let takesOthersAlong = false
}

// MARK: As the kernel is told

extension PlacedRoute {
  func object(in interfaces: InterfaceTable) -> NetworkObject {
    var route = RouteAssignment(to: line.assignedDestination, origin: line.routeProtocol)
    route.type = line.type
    route.source = line.from?.assigned
    route.preferredSource = line.preferredSource
    route.hop.gateway = line.via
    route.hop.interface = interfaces.index(of: interface)
    route.hop.isOnLink = line.onlink
    route.hop.realms = line.realms
    route.hop.encapsulation = line.encapsulation.map(RouteAssignment.Encapsulation.init)
    route.hops = zip(line.nexthops, hopInterfaces).map { hop, interface in
      RouteAssignment.Hop(hop, over: interfaces.index(of: interface))
    }
    route.table = line.assignedTable
    route.tos = line.tos
    route.scope = line.scope
    route.metric = line.metric
    route.preference = line.preference
    route.expires = line.expires
    route.propagatesTTL = line.ttlPropagate
    route.placement =
      switch line.placement {
      case .prepend: .prepend
      case .append: .append
      case .add: .exclusive
      }
    route.metrics = line.metrics.map {
      RouteAssignment.Metric(kind: $0.kind.rawValue, value: $0.value)
    }
    for metric in line.metrics where metric.isLocked {
      route.lockedMetrics |= 1 << metric.kind.rawValue
    }
    route.congestionControl = line.congestionControl
    if line.isCongestionControlLocked {
      route.lockedMetrics |= 1 << RouteLine.Metric.Kind.congctl.rawValue
    }
    return .route(route)
  }
}

extension PlacedRoute.Slot {
  fileprivate init(_ line: RouteLine) {
    destination = line.assignedDestination.masked
    source = line.from?.assigned?.masked
    table = line.assignedTable
    tos = line.family == .ipv4 ? line.tos : 0
    metric =
      switch line.family {
      case .ipv4: line.metric ?? 0
      // Without one, and with 0, the kernel gives IP6_RT_PRIO_USER.
      case .ipv6: line.metric.flatMap { $0 == 0 ? nil : $0 } ?? 1024
      }
    origin = line.routeProtocol
  }
}

extension RouteLine {
  /// RT_TABLE_MAIN where none is given.
  fileprivate var assignedTable: UInt32 { table.flatMap { $0 == 0 ? nil : $0 } ?? 254 }

  fileprivate var assignedDestination: RouteAssignment.Prefix {
    destination.assigned ?? RouteAssignment.Prefix(family == .ipv4 ? .ipv4(.any) : .ipv6(.any), 0)
  }
}

extension InterfaceTable {
  fileprivate func index(of number: InterfaceIndex) -> InterfaceIndex {
    contains(number) ? self[number].index : .none
  }
}

extension Prefix {
  /// Nil where everything is meant.
  var assigned: RouteAssignment.Prefix? {
    address.map { RouteAssignment.Prefix($0, length) }
  }
}

extension RouteAssignment.Prefix {
  /// As the kernel holds an IPv6 prefix; one of IPv4 with bits of a host is refused.
  fileprivate var masked: RouteAssignment.Prefix {
    guard case .ipv6(let address) = address, length < 128 else { return self }
    let high: UInt64 = length >= 64 ? .max : ~(.max >> UInt64(length))
    let low: UInt64 = length <= 64 ? 0 : ~(.max >> UInt64(length - 64))
    return RouteAssignment.Prefix(
      .ipv6(IPv6Address(high: address.high & high, low: address.low & low)), length)
  }
}

extension RouteAssignment.Hop {
  fileprivate init(_ hop: RouteLine.NextHop, over interface: InterfaceIndex) {
    self.init()
    gateway = hop.via
    self.interface = interface
    weight = hop.weight
    isOnLink = hop.onlink
    realms = hop.realms
    encapsulation = hop.encapsulation.map(RouteAssignment.Encapsulation.init)
  }
}

extension RouteAssignment.Encapsulation {
  fileprivate init(_ encapsulation: RouteLine.Encapsulation) {
    self =
      switch encapsulation {
      case .ip(let tunnel): .ip(RouteAssignment.Tunnel(tunnel))
      case .ip6(let tunnel): .ip6(RouteAssignment.Tunnel(tunnel))
      case .mpls(let labels): .mpls(labels)
      case .ila(let locator): .ila(locator)
      }
  }
}

extension RouteAssignment.Tunnel {
  fileprivate init(_ tunnel: RouteLine.Tunnel) {
    self.init()
    id = tunnel.id
    destination = tunnel.destination
    source = tunnel.source
    trafficClass = tunnel.trafficClass
    hopLimit = tunnel.hopLimit
    flags = tunnel.flags
  }
}

extension LinePosition {
  /// Behind what stands there.
  var inParentheses: String {
    let text = description
    return text.isEmpty ? "" : " (\(text))"
  }
}
