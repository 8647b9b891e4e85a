import ProcessFrame
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
    autoPriority?.reset()
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

    scriptRunner.endServing()
    trackedScripts.replace(configuration.vrrp.scripts, isReload: true)
    trackedFiles.start(configuration.vrrp.trackFiles, isFirstStart: false)
    trackedSessions.replace(configuration.vrrp.bfdInstances.map(\.name))
    notifier.fifos.close()
    notifier.fifos.open(configuration.global.scripts, runsGlobalReader: !context.hasChecker)

    virtualAddresses = []
    polling?.replace(configuration)
    let mapped = map(configuration)
    virtualAddresses.formUnion(oldVirtual)
    let plan = core.plan(
      routers: mapped.routers.map(\.router), groups: mapped.protocolGroups,
      options: options(mapped, configuration.global))
    // The farewell is said with the old indices.
    core.beginReload(plan, at: Clock.now, into: &effects)
    perform()

    oldRouters = routers
    install(mapped)
    openSockets()
    replaceStaticAddresses(oldStatic)
    core.finishReload(plan, at: Clock.now, into: &effects)
    // Which router a packet is for goes by the new indices.
    openSockets()
    perform()
    applySyncDaemon()
    oldRouters = []
    virtualAddresses = Set(
      routers.flatMap { ($0.addresses + $0.excludedAddresses).map(\.line.address) })
    trackedScripts.start(at: Clock.now)
  }

  private func replaceStaticAddresses(_ old: [AddressInstaller.Placed]) {
    let gone = old.filter { placed in
      !staticAddresses.contains {
        $0.interface == placed.interface && $0.line.isSameAddress(as: placed.line)
      }
    }
    for placed in gone {
      log.info(
        "ip address \(placed.line.address)/\(placed.line.prefixLength)"
          + " dev \(interfaces.name(placed.interface)), no longer exist"
      )
    }
    installer.remove(gone)
    installer.add(staticAddresses)
  }
}
