import Notification
import ProcessFrame
import Configuration
import EventLoop
import Firewall
import IPVS
import Kernel
import Logging
import Primitives
import SystemIO
import VRRP

/// Carries out what the core decided, in order.
extension VRRPProcess {
  func perform() {
    effects.perform {
      switch $0 {
      case .router(let index, let effect): perform(effect, router: index.rawValue)
      case .group(let index, let effect): perform(effect, group: index.rawValue)
      case .process(let effect): perform(effect)
      }
    } afterLast: {
      network.drainIfAsked()
    }
  }

  private func perform(_ effect: RouterEffect, router index: Int) {
    guard routers.indices.contains(index) else { return }
    let router = routers[index]
    let mapped = router.mapped
    switch effect {
    case .addFirewallElements:
      log.detail("(\(router.name)) setting firewall drop rule")
      network.filter.want(filterElements(of: router), by: router.owners.filter)
    case .removeFirewallElements:
      log.detail("(\(router.name)) removing firewall drop rule")
      network.filter.want([], by: router.owners.filter)
    case .sendAdvertisement(let stamp): send(stamp, of: index)
    case .deadline(let deadline): arm(router.timer, deadline)
    case .addAddresses:
      log.detail("(\(router.name)) setting VIPs.")
      network.addresses.want(mapped.addresses, by: router.owners.addresses)
    case .addExcludedAddresses:
      if !mapped.excludedAddresses.isEmpty {
        log.detail("(\(router.name)) setting E-VIPs.")
      }
      network.addresses.want(mapped.excludedAddresses, by: router.owners.addresses)
    case .removeAddresses:
      log.detail("(\(router.name)) removing VIPs.")
      network.addresses.release(mapped.addresses, by: router.owners.addresses)
    case .removeExcludedAddresses:
      if !mapped.excludedAddresses.isEmpty {
        log.detail("(\(router.name)) removing E-VIPs.")
      }
      network.addresses.release(mapped.excludedAddresses, by: router.owners.addresses)
    case .addRoutes:
      log.detail("(\(router.name)) setting Virtual Routes")
      network.routes.want(mapped.routes.inOrder, by: router.owners.routes)
    case .addRules:
      log.detail("(\(router.name)) setting Virtual Rules")
      network.rules.want(mapped.rules.inOrder, by: router.owners.rules)
    case .removeRules:
      log.detail("(\(router.name)) removing Virtual Rules")
      network.rules.release(mapped.rules.inOrder, by: router.owners.rules)
    case .removeRoutes:
      log.detail("(\(router.name)) removing Virtual Routes")
      // Those that lead over others go first.
      network.routes.release(mapped.routes.inOrder.reversed(), by: router.owners.routes)
    case .removeLeftovers: removeLeftovers(of: router)
    case .replaceAddresses(let old): replaceObjects(of: old.rawValue, by: router)
    case .drainNetlink: network.isDrainAsked = true
    case .sendGratuitous(let reference): announce(reference, of: index)
    case .notify(let state, let priority): announce(.transition, state, priority, of: index)
    case .notifyRemoved(let priority): announce(.removal, .fault, priority, of: index)
    case .writeState(let state, let priority): announce(.confirmation, state, priority, of: index)
    case .notifyPriority(let isMaster, let priority):
      announce(.priorityChange, isMaster ? .master : .backup, priority, of: index)
    case .notifyLowerPriority(let priority):
      announce(.lowerPriority, .master, priority, of: index)
    case .limitDebounce(let longest): limitDelays(of: router, to: longest)
    case .log(let trace): write(trace, name: router.name)
    case .startSyncDaemonMaster: syncDaemon.run(as: .master)
    case .startSyncDaemonBackup: syncDaemon.run(as: .backup)
    }
  }

  private func perform(_ effect: GroupEffect, group index: Int) {
    guard groups.indices.contains(index) else { return }
    switch effect {
    case .notify(let state): announce(.transition, state, ofGroup: index)
    case .writeState(let state): announce(.confirmation, state, ofGroup: index)
    case .log(let trace): write(trace, name: groups[index].name)
    }
  }

  private func perform(_ effect: ProcessEffect) {
    switch effect {
    case .deadline(let deadline): arm(processTimer, deadline)
    case .log(let trace): write(trace, name: "")
    }
  }

  private func arm(_ timer: EventLoop.Timer, _ deadline: Instant?) {
    if let deadline { loop.arm(timer, at: deadline) } else { loop.disarm(timer) }
  }

  private func write(_ trace: RouterTrace, name: String) {
    if trace.level == .detail && !log.isDetailed { return }
    log.info(trace.message(name) { network.interfaces.name($0) })
  }

  // MARK: What the kernel holds

  /// A MASTER goes on after a reload: what is in both configurations is not touched.
  private func replaceObjects(of old: Int, by new: Router) {
    guard oldRouters.indices.contains(old) else { return }
    let before = oldRouters[old].mapped
    let after = new.mapped
    let addresses = after.addresses + after.excludedAddresses
    let gone = (before.addresses + before.excludedAddresses).departed(from: addresses.byKey)
    for placed in gone {
      log.info(
        "(\(new.name)) ip \(placed.title)"
          + " dev \(network.interfaces.name(placed.interface)), no longer exist")
    }
    network.rules.release(before.rules.departed(from: after.rules), by: new.owners.rules)
    network.routes.release(before.routes.departed(from: after.routes), by: new.owners.routes)
    network.addresses.release(gone, by: new.owners.addresses)
    network.filter.want(filterElements(of: new), by: new.owners.filter)
    network.addresses.want(addresses, by: new.owners.addresses)
    network.routes.want(after.routes.inOrder, by: new.owners.routes)
    network.rules.want(after.rules.inOrder, by: new.owners.rules)
  }

  func filterElements(of router: Router) -> [FilterElement] {
    router.mapped.filterElements(
      network.interfaces, usesIndexes: context.configuration.global.nftablesIfindex)
  }

  private func limitDelays(of router: Router, to longest: Microseconds) {
    for tracking in router.configuration.trackings {
      switch tracking.tracker.kind {
      case .interface, .baseInterface:
        network.limitDelays(
          of: InterfaceIndex(rawValue: tracking.tracker.number), to: longest)
      case .script, .file, .bfd, .process: break
      }
    }
  }

  func trackerChanged(_ tracker: TrackerID, _ status: TrackerStatus) {
    if isStopping { return }
    if tracker.kind == .bfd { logSession(tracker, isUp: status == .up) }
    core.trackerChanged(tracker, status, at: Clock.now, into: &effects.pending)
    perform()
  }

  /// Each router that tracks a BFD session says that it went up or down.
  private func logSession(_ tracker: TrackerID, isUp: Bool) {
    let name = context.configuration.vrrp.bfdInstances[Int(tracker.number)].name
    for router in routers
    where router.configuration.trackings.contains(where: { $0.tracker == tracker }) {
      log.info(
        "VRRP_Instance(\(router.name)) Tracked BFD instance \(name) is \(isUp ? "UP" : "DOWN")")
    }
  }
}
