import Configuration
import EventLoop
import Kernel
import Logging
import Primitives
import SystemIO

/// What comes of the events of a network namespace is decided by whoever uses it.
protocol NetworkDelegate: AnyObject {
  /// A link went up or down, after its delay.
  func linkChanged(_ number: InterfaceIndex, isUp: Bool)
  /// An interface has another hardware address.
  func hardwareAddressChanged(_ number: InterfaceIndex)
  /// An interface has another address that adverts come from, or none, or one that is tracked has
  /// come or gone.
  func sourceChanged(_ number: InterfaceIndex, _ family: AddressFamily)
  /// An interface has come, gone, or is another one under its name.
  func interfacesChanged()
  /// Somebody else took an address that we had set.
  func addressLost(_ key: PlacedAddress.Key)
  /// The same of a route.
  func routeLost(_ key: PlacedRoute.Key)
  /// The same of a rule.
  func ruleLost(_ key: PlacedRule.Key)
  /// All that was reported has been told.
  func networkSettled()
}

/// Everything of one network namespace: the interfaces that it has, the links, addresses,
/// routes, rules and sockets that we have there, the polled links, the settings of the kernel, the
/// packet filter.
final class Network {
  let log: Log
  let loop: EventLoop
  let edge: any NetworkEdge
  let interfaces = InterfaceTable()
  let links: VirtualLinks
  let addresses: Installer<PlacedAddress>
  let routes: Installer<PlacedRoute>
  let rules: Installer<PlacedRule>
  let gratuitous: GratuitousSender
  let settings: KernelSettings
  let filter: PacketFilter
  /// Addresses that are never the source of adverts.
  private(set) var virtualAddresses: Set<IPAddress> = []
  var sources = TrackedSources()
  private(set) var polling: LinkPolling?
  /// Changes of links that are held back.
  var pendingChanges: [InterfaceIndex: (isUp: Bool, alarm: Alarm)] = [:]
  /// What is reported of routes and rules.
  private(set) var followed: Set<ReportedKind> = []
  /// IPv4 addresses that went since all was settled: routes from them go with them.
  var deletedSources: Set<IPAddress> = []
  /// Reports are to be read before anything else happens.
  var isDrainAsked = false
  weak var delegate: (any NetworkDelegate)?
  private(set) lazy var sockets = SocketPool(
    edge: edge, loop: loop, log: log, largestDatagram: 1500,
    received: { [unowned self] in received?($0, $1, $2) })
  /// Called with every datagram.
  var received: ((SocketPool.Member, Span<UInt8>, DatagramBatch.Envelope) -> Void)?

  /// Routes or rules that are changed in one turn of the loop, some milliseconds' work.
  private static let slice = 500
  /// Addresses: for each new one the kernel looks through all that the interface has.
  private static let addressSlice = 100

  init(_ edge: any NetworkEdge, loop: EventLoop, log: Log) {
    self.edge = edge
    self.loop = loop
    self.log = log
    addresses = Installer(
      edge: edge, loop: loop, interfaces: interfaces, log: log, atOnce: Self.addressSlice)
    routes = Installer(
      edge: edge, loop: loop, interfaces: interfaces, log: log, atOnce: Self.slice)
    rules = Installer(
      edge: edge, loop: loop, interfaces: interfaces, log: log, atOnce: Self.slice)
    gratuitous = GratuitousSender(edge: edge, interfaces: interfaces, log: log)
    settings = KernelSettings(edge: edge, interfaces: interfaces, log: log)
    links = VirtualLinks(
      edge: edge, loop: loop, interfaces: interfaces, addresses: addresses, settings: settings,
      log: log)
    filter = PacketFilter(edge.filter, loop: loop, log: log)
    links.observer = filter
    links.came = { [unowned self] in delegate?.interfacesChanged() }
  }

  /// Reads all there is. What happens from then on is told after `listen`.
  func read() throws(Errno) {
    for link in try edge.interfaces() {
      let (number, _) = interfaces.update(link)
      interfaces[number].isUp = link.isUp
      interfaces[number].hasBeenUp = link.isUp
    }
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in try edge.addresses(family) where !address.isTentative {
        guard let number = interfaces.number(kernelIndex: address.interface) else { continue }
        interfaces.addAddress(address.address, to: number)
      }
    }
  }

  /// Has those kinds reported of which one of these is missed when it goes.
  func follow(_ routes: some Sequence<PlacedRoute>, _ rules: some Sequence<PlacedRule>) {
    followed = []
    for route in routes where route.isTracked { followed.insert(.routes(route.line.family)) }
    for rule in rules where rule.isTracked { followed.insert(.rules(rule.line.family)) }
    // The kernel tells by itself where IPv6 routes are lost, and lines where the others lead.
    edge.follow(followed, hearsOfNewRoutes: routes.contains { $0.isTracked && $0.hasUnknownWay })
  }

  /// Several changes that are one; what goes is taken off in the end: rules, routes, addresses.
  func together(_ body: () -> Void) {
    addresses.together { routes.together { rules.together(body) } }
  }

  func listen() throws(Errno) { _ = try loop.watch(edge.reports, self) }

  /// Takes over what a configuration says of interfaces and their addresses.
  func apply(_ configuration: Configuration) throws(Errno) {
    let owned = try ownedAddresses(configuration.vrrp.instances)
    addresses.leave(owned)
    for instance in configuration.vrrp.instances {
      for line in instance.virtualAddresses + instance.excludedAddresses {
        virtualAddresses.insert(line.address)
      }
    }
    virtualAddresses.subtract(owned.map(\.address))
    forgetVirtualSources()
    sources.replace(by: configuration.vrrp.instances, interfaces)
    if sources.isNeeded { readSources() }
    for delay in configuration.vrrp.upDownDelays {
      let number = interfaces.number(named: delay.interface)
      interfaces[number].downDelay = delay.down
      interfaces[number].upDelay = delay.up
    }
    if polling == nil {
      polling = try LinkPolling(loop: loop, log: log, interfaces: interfaces) {
        [unowned self] number, isUp in
        linkPolled(number, isUp: isUp)
      }
    }
    polling?.replace(configuration)
  }

  private func readSources() {
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in (try? edge.addresses(family)) ?? [] where !address.isTentative {
        guard let number = interfaces.number(kernelIndex: address.interface) else { continue }
        _ = sources.added(address.address, on: number)
      }
    }
  }

  /// Others than these may be the source of adverts again.
  func keepVirtualAddresses(_ addresses: Set<IPAddress>) {
    virtualAddresses.formIntersection(addresses)
  }

  /// The virtual addresses of owners that the interface has by itself (RFC 5798 1.6, IP address
  /// owner): sources of adverts, and nothing that a predecessor left behind.
  private func ownedAddresses(_ instances: [VRRPInstance]) throws(Errno) -> Set<
    PlacedAddress.Key
  > {
    let owners = instances.filter { $0.priority == .owner }
    if owners.isEmpty { return [] }
    var present: [InterfaceIndex: Set<IPAddress>] = [:]
    let origin = AddressOrigin.number
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in try edge.addresses(family) where address.origin != origin {
        guard let number = interfaces.number(kernelIndex: address.interface) else { continue }
        present[number, default: []].insert(address.address)
      }
    }
    var owned: Set<PlacedAddress.Key> = []
    for instance in owners {
      for line in instance.virtualAddresses + instance.excludedAddresses {
        guard let name = line.device ?? instance.interface else { continue }
        let key = PlacedAddress.Key(
          interface: interfaces.number(named: name), address: line.address,
          prefixLength: line.prefixLength)
        // Where the kernel does not know who set it: what we hold is not the interface's own.
        guard present[key.interface]?.contains(line.address) == true, !addresses.isPresent(key)
        else { continue }
        owned.insert(key)
      }
    }
    return owned
  }

  /// Virtual addresses that a predecessor left on an interface are no source of adverts.
  private func forgetVirtualSources() {
    for index in interfaces.entries.indices {
      let number = InterfaceIndex(rawValue: UInt32(index + 1))
      interfaces[number].addresses.removeAll { virtualAddresses.contains($0) }
    }
  }

  /// Delays of an interface may not be longer.
  func limitDelays(of number: InterfaceIndex, to longest: Microseconds) {
    interfaces[number].downDelay = min(interfaces[number].downDelay, longest)
    interfaces[number].upDelay = min(interfaces[number].upDelay, longest)
  }

  func mtu(of number: InterfaceIndex) -> UInt32 {
    interfaces.contains(number) ? interfaces[number].link?.mtu ?? 1500 : 1500
  }

  /// No links are polled any more.
  func stopPolling() { polling?.stop() }
}
