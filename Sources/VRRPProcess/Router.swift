import Configuration
import EventLoop
import Firewall
import Primitives
import SystemIO
import VRRP

/// A configured instance as the parts of the process need it.
struct MappedRouter {
  let instance: VRRPInstance
  var router: RouterConfiguration
  /// Where each address of `virtual_ipaddress` and `virtual_ipaddress_excluded` goes.
  let addresses: [PlacedAddress]
  let excludedAddresses: [PlacedAddress]
  let routes: KeyedObjects<PlacedRoute>
  let rules: KeyedObjects<PlacedRule>
  /// The number of the configured interface; none for unicast without one.
  let interface: InterfaceIndex
  /// That of the interface by which adverts leave and come: its VMAC, its ipvlan or the configured
  /// one.
  let sendingInterface: InterfaceIndex
  /// That of the interface whose address is the source of adverts, unless one is configured.
  let sourceInterface: InterfaceIndex

  func placed(_ reference: AddressReference) -> PlacedAddress? {
    switch reference {
    case .virtual(let index): addresses.indices.contains(index) ? addresses[index] : nil
    case .excluded(let index):
      excludedAddresses.indices.contains(index) ? excludedAddresses[index] : nil
    case .source: nil
    }
  }

  /// The reference to an address that others must not take; nil for one that is not watched.
  func reference(to key: PlacedAddress.Key) -> AddressReference? {
    if let place = addresses.firstIndex(where: { $0.key == key }) {
      return addresses[place].line.noTrack ? nil : .virtual(place)
    }
    if let place = excludedAddresses.firstIndex(where: { $0.key == key }) {
      return excludedAddresses[place].line.noTrack ? nil : .excluded(place)
    }
    return nil
  }
}

/// Objects in their order, and by what the kernel knows them by.
struct KeyedObjects<Object: Installable> {
  let inOrder: [Object]
  private let byKey: [Object.Key: Object]

  init(_ objects: [Object]) {
    inOrder = objects
    byKey = objects.byKey
  }

  subscript(key: Object.Key) -> Object? { byKey[key] }

  /// Those that are not among the new ones, or could not become what those are.
  func departed(from new: KeyedObjects) -> [Object] { inOrder.departed(from: new.byKey) }
}

/// By which a router wants what the kernel holds for it.
struct RouterOwners {
  let addresses: Installer<PlacedAddress>.Owner
  let routes: Installer<PlacedRoute>.Owner
  let rules: Installer<PlacedRule>.Owner
  /// Of packets that are filtered.
  let filter: PacketFilter.Owner

  init(in network: Network) {
    addresses = network.addresses.newOwner()
    routes = network.routes.newOwner()
    rules = network.rules.newOwner()
    filter = network.filter.newOwner()
  }
}

/// What the process has for one virtual router, from one reload to the next.
final class Router {
  let mapped: MappedRouter
  let timer: EventLoop.Timer
  let owners: RouterOwners
  /// The sockets that it shares; nil while they cannot be there.
  var member: SocketPool.Member?
  /// Each kind of error once, until a send succeeds: ten adverts a second must not fill the log.
  var lastSendError: Errno?
  /// What the world was told last; a reload passes it on.
  var announcedState: NotifiedState?
  /// No predecessor's routes and rules are left; nobody else sets them.
  var hasCleanTables = false

  init(_ mapped: MappedRouter, timer: EventLoop.Timer, owners: RouterOwners) {
    self.mapped = mapped
    self.timer = timer
    self.owners = owners
  }

  var instance: VRRPInstance { mapped.instance }
  var configuration: RouterConfiguration { mapped.router }
  var interface: InterfaceIndex { mapped.interface }
  var sendingInterface: InterfaceIndex { mapped.sendingInterface }
  var sourceInterface: InterfaceIndex { mapped.sourceInterface }
  var name: String { mapped.instance.name }
}

/// What the process has for one sync group, from one reload to the next.
final class Group {
  let definition: VRRPSyncGroup
  /// What the world was told last; a reload passes it on.
  var announcedState: NotifiedState?

  init(_ definition: VRRPSyncGroup) { self.definition = definition }

  var name: String { definition.name }
}
