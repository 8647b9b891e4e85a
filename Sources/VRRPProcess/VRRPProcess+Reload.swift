import ChildProcess
import Configuration
import ConfigurationSyntax
import Host
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// A new configuration by its differences from the running one.
extension VRRPProcess {
  func reload() {
    if isStopping { return }
    log.info("Reloading")
    let host = SystemHost(interfaces: interfaces.entries.compactMap(\.link))
    guard let outcome = context.readSnapshot(for: host) else {
      context.acknowledge()
      return
    }
    if let refusal = outcome.refusals.first(where: { $0.view == .vrrp }) {
      // The parent has refused such a text already; an interface may have gone since.
      log.error("The new configuration cannot run (\(refusal.reason)) - keeping the running one")
      context.acknowledge()
      return
    }
    apply(outcome)
    context.acknowledge()
    releaseStartupMemory()
  }

  private func apply(_ outcome: ReadingOutcome) {
    let configuration = outcome.configuration
    let oldStatic = staticAddresses
    let oldVirtual = virtualAddresses
    context.adopt(outcome)

    scriptRunner.signalAll(Signal.terminate)
    trackedScripts.replace(configuration.vrrp.scripts, isReload: true)
    trackedFiles.start(configuration.vrrp.trackFiles, isFirstStart: false)
    notifier.closeFIFOs()
    notifier.openFIFOs(configuration.global.scripts, runsGlobalReader: true)

    // The plan is made with the new routers, the farewell is said with the old ones.
    oldRouters = routers
    let oldGroups = groups
    virtualAddresses = []
    let mapping = adopt(configuration)
    let new = (routers: routers, groups: groups)
    virtualAddresses.formUnion(oldVirtual)
    let plan = core.plan(
      routers: new.routers.map(\.router), groups: mapping.groups,
      options: options(mapping, configuration.global))
    routers = oldRouters
    groups = oldGroups
    core.beginReload(plan, at: Clock.now, into: &effects)
    perform()

    routers = new.routers
    groups = new.groups
    makeTimers()
    reopenSockets()
    replaceStaticAddresses(oldStatic)
    core.finishReload(plan, at: Clock.now, into: &effects)
    openSockets()
    perform()
    oldRouters = []
    virtualAddresses = Set(
      routers.flatMap { ($0.addresses + $0.excludedAddresses).map(\.line.address) })
    trackedScripts.start(at: Clock.now)
  }

  /// Sockets follow the new indices before anything is sent with them.
  private func reopenSockets() {
    lastSendError = Array(repeating: nil, count: routers.count)
    openSockets()
  }

  private func replaceStaticAddresses(_ old: [AddressInstaller.Placed]) {
    let gone = old.filter { placed in
      !staticAddresses.contains {
        $0.interface == placed.interface && $0.line.isSameAddress(as: placed.line)
      }
    }
    for placed in gone {
      log.info(
        "ip address \(placed.line.address)/\(placed.line.prefixLength) dev \(interfaces.name(placed.interface)), no longer exist")
    }
    installer.remove(gone)
    installer.add(staticAddresses)
  }
}
