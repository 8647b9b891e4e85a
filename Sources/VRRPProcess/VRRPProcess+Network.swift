import Configuration
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO
import VRRP

/// What events of the network mean for the routers.
extension VRRPProcess: NetworkDelegate {
  func networkSettled() { perform() }

  func interfacesChanged() {
    openSockets()
    for router in routers where network.filter.isWanted(by: router.filterOwner) {
      network.filter.want(filterElements(of: router), by: router.filterOwner)
    }
  }

  func linkChanged(_ number: InterfaceIndex, isUp: Bool) {
    let tracker = TrackerID(.interface, number.rawValue)
    if isTracked(tracker) {
      let reporter = network.polling?.isPolled(number) == true ? "Linkbeat" : "Netlink"
      log.info("\(reporter) reports \(network.interfaces.name(number)) \(isUp ? "up" : "down")")
    }
    core.trackerChanged(tracker, isUp ? .up : .down, at: Clock.now, into: &effects.pending)
    if isUp { staticAddresses.restore(on: number) }
  }

  private func isTracked(_ tracker: TrackerID) -> Bool {
    routers.contains { $0.configuration.trackings.contains { $0.tracker == tracker } }
  }

  func hardwareAddressChanged(_ number: InterfaceIndex) {
    core.hardwareAddressChanged(on: number, at: Clock.now, into: &effects.pending)
  }

  func sourceChanged(_ number: InterfaceIndex, _ family: AddressFamily) {
    for (index, router) in routers.enumerated()
    where router.interface == number && router.configuration.family == family {
      let address = network.sources.address(of: router.instance, number, network.interfaces)
      core.handle(
        .sourceAddressChanged(address), router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
    // Unicast sockets are bound to their source; a last farewell leaves by the old one.
    guard
      routers.contains(where: { $0.interface == number && $0.configuration.isUnicast })
    else { return }
    perform()
    openSockets()
  }

  func addressLost(_ key: PlacedAddress.Key) {
    if staticAddresses.lost(key) { return }
    for (index, router) in routers.enumerated() {
      guard let reference = router.mapped.reference(to: key) else { continue }
      core.handle(
        .addressRemoved(reference), router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
  }

  // MARK: Late addresses

  /// The kernel would not set them when their router became MASTER, and now has: the neighbours
  /// were told when there was nothing to be found.
  func announceLate(_ addresses: [PlacedAddress]) {
    for placed in addresses {
      network.gratuitous.send(placed.line.address, on: placed.interface, at: Clock.now)
    }
  }
}
