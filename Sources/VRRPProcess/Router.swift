import Configuration
import EventLoop
import Firewall
import Primitives
import SystemIO
import VRRP

/// A configured instance as the parts of the process need it.
struct MappedRouter {
  let instance: VRRPInstance
  let router: RouterConfiguration
  /// Where each address of `virtual_ipaddress` and `virtual_ipaddress_excluded` goes.
  let addresses: [PlacedAddress]
  let excludedAddresses: [PlacedAddress]
  /// The number of the configured interface; none for unicast without one.
  let interface: InterfaceIndex

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

/// What the process has for one virtual router, from one reload to the next.
final class Router {
  let mapped: MappedRouter
  let timer: EventLoop.Timer
  /// By which it wants its addresses.
  let owner: Installer<PlacedAddress>.Owner
  /// By which it wants packets filtered.
  let filterOwner: PacketFilter.Owner
  /// The sockets that it shares; nil while they cannot be there.
  var member: SocketPool.Member?
  /// Each kind of error once, until a send succeeds: ten adverts a second must not fill the log.
  var lastSendError: Errno?
  /// What the world was told last; a reload passes it on.
  var announcedState: NotifiedState?

  init(
    _ mapped: MappedRouter, timer: EventLoop.Timer, owner: Installer<PlacedAddress>.Owner,
    filterOwner: PacketFilter.Owner
  ) {
    self.mapped = mapped
    self.timer = timer
    self.owner = owner
    self.filterOwner = filterOwner
  }

  var instance: VRRPInstance { mapped.instance }
  var configuration: RouterConfiguration { mapped.router }
  var interface: InterfaceIndex { mapped.interface }
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
