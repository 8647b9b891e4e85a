import ProcessFrame
package import Configuration
import ConfigurationSyntax
import Host
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// A new configuration by its differences from the running one.
extension VRRPProcess {
  package func reload(from old: Configuration) {
    let configuration = context.configuration
    let oldStatic = staticAddresses
    let oldVirtual = virtualAddresses
    frame.scripts.endServing()
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
    core.beginReload(plan, at: Clock.now, into: &effects.pending)
    perform()

    oldRouters = routers
    install(mapped)
    openSockets()
    replaceStaticAddresses(oldStatic)
    core.finishReload(plan, at: Clock.now, into: &effects.pending)
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
          + " dev \(table.name(placed.interface)), no longer exist"
      )
    }
    installer.remove(gone)
    installer.add(staticAddresses)
  }
}
