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
    frame.scripts.endServing()
    trackedScripts.replace(configuration.vrrp.scripts, isReload: true)
    trackedFiles.start(configuration.vrrp.trackFiles, isFirstStart: false)
    trackedSessions.replace(configuration.vrrp.bfdInstances.map(\.name))
    notifier.fifos.close()
    notifier.fifos.open(configuration.global.scripts, runsGlobalReader: !context.hasChecker)
    do throws(Errno) { try network.apply(configuration) } catch {
      log.error("Links cannot be polled - \(error)")
    }
    network.addresses.together { replaceRouters(by: map(configuration)) }
    applySyncDaemon()
    network.keepVirtualAddresses(
      Set(
        routers.flatMap {
          ($0.mapped.addresses + $0.mapped.excludedAddresses).map(\.line.address)
        }))
    trackedScripts.start(at: Clock.now)
  }

  private func replaceRouters(by mapped: MappedConfiguration) {
    let oldStatic = staticAddresses
    let plan = core.plan(
      routers: mapped.routers.map(\.router), groups: mapped.protocolGroups,
      options: options(mapped, context.configuration.global))
    // The farewell is said with the old indices.
    core.beginReload(plan, at: Clock.now, into: &effects.pending)
    perform()

    oldRouters = routers
    install(mapped, predecessors: plan.predecessors)
    openSockets()
    replaceStaticAddresses(oldStatic)
    core.finishReload(plan, at: Clock.now, into: &effects.pending)
    // Which router a packet is for goes by the new indices.
    openSockets()
    perform()
    oldRouters = []
  }

  private func replaceStaticAddresses(_ old: [PlacedAddress]) {
    let gone = old.filter { placed in !staticAddresses.contains { $0.isSame(as: placed) } }
    for placed in gone {
      log.info(
        "ip \(placed.title) dev \(network.interfaces.name(placed.interface)), no longer exist")
    }
    network.addresses.release(gone, by: staticOwner)
    network.addresses.want(staticAddresses, by: staticOwner)
  }
}
