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
    findDuplicates()
    openSockets()
    for router in routers where network.filter.isWanted(by: router.owners.filter) {
      network.filter.want(filterElements(of: router), by: router.owners.filter)
    }
  }

  /// An interface that comes or goes can make two instances one virtual router, or no more so.
  private func findDuplicates() {
    let found = duplicates.find(routers.map(\.mapped), network.interfaces)
    for (index, router) in routers.enumerated() where core.routers.indices.contains(index) {
      let isDuplicate = core.routers[index].faults.contains(.duplicateVirtualRouterID)
      guard isDuplicate != (found[index] != nil) else { continue }
      if let other = found[index] { logConflict(of: router.mapped, with: routers[other].mapped) }
      core.handle(
        .duplicateVirtualRouterID(found[index] != nil), router: RouterIndex(rawValue: index),
        at: Clock.now, into: &effects.pending)
    }
  }

  /// Those of a configuration that begin at fault.
  func markDuplicates(_ mapped: inout MappedConfiguration) {
    let found = duplicates.find(mapped.routers, network.interfaces)
    for (index, other) in found.sorted(by: { $0.key < $1.key }) {
      logConflict(of: mapped.routers[index], with: mapped.routers[other])
      mapped.routers[index].router.isDuplicate = true
    }
  }

  private func logConflict(of one: MappedRouter, with other: MappedRouter) {
    log.info(
      "VRID conflict between \(one.instance.name) and \(other.instance.name)"
        + " IPv\(one.router.family.version) vrid \(one.router.virtualRouterID.rawValue)")
  }

  func linkChanged(_ number: InterfaceIndex, isUp: Bool) {
    let trackers = [TrackerID.Kind.interface, .baseInterface].map { TrackerID($0, number.rawValue) }
    if trackers.contains(where: isTracked) {
      let reporter = network.polling?.isPolled(number) == true ? "Linkbeat" : "Netlink"
      log.info("\(reporter) reports \(network.interfaces.name(number)) \(isUp ? "up" : "down")")
    }
    for tracker in trackers {
      core.trackerChanged(tracker, isUp ? .up : .down, at: Clock.now, into: &effects.pending)
    }
    if isUp {
      staticAddresses.restore(on: number)
      staticRoutes.restore(on: number)
    }
  }

  private func isTracked(_ tracker: TrackerID) -> Bool {
    routers.contains { $0.configuration.trackings.contains { $0.tracker == tracker } }
  }

  func hardwareAddressChanged(_ number: InterfaceIndex) {
    core.hardwareAddressChanged(on: number, at: Clock.now, into: &effects.pending)
  }

  func sourceChanged(_ number: InterfaceIndex, _ family: AddressFamily) {
    for (index, router) in routers.enumerated()
    where router.sourceInterface == number && router.configuration.family == family {
      let address = network.sources.address(of: router.instance, number, network.interfaces)
      core.handle(
        .sourceAddressChanged(address), router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
    // Unicast sockets are bound to their source; a last farewell leaves by the old one.
    guard
      routers.contains(where: { $0.sourceInterface == number && $0.configuration.isUnicast })
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

  func routeLost(_ key: PlacedRoute.Key) {
    if staticRoutes.lost(key) { return }
    for (index, router) in routers.enumerated()
    where router.mapped.routes[key]?.isTracked == true {
      core.handle(
        .routeRemoved, router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
  }

  func ruleLost(_ key: PlacedRule.Key) {
    if staticRules.lost(key) { return }
    for (index, router) in routers.enumerated()
    where router.mapped.rules[key]?.isTracked == true {
      core.handle(
        .ruleRemoved, router: RouterIndex(rawValue: index), at: Clock.now,
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
