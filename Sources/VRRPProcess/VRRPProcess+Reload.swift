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
    trackers.replace(by: configuration, isReload: true)
    fifos.close()
    fifos.open(configuration.global.scripts, runsGlobalReader: !context.hasChecker)
    applyFilter(configuration)
    do throws(Errno) { try network.apply(configuration) } catch {
      log.error("Links cannot be polled - \(error)")
    }
    // What nobody may reach can be reached at no moment: rules come before addresses and go after.
    network.filter.together {
      routers.flatMap { filterElements(of: $0) }
    } _: {
      network.together { replaceRouters(by: configuration) }
    }
    logAddresses()
    network.sockets.logMembers()
    applySyncDaemon()
    network.keepVirtualAddresses(
      Set(
        routers.flatMap {
          ($0.mapped.addresses + $0.mapped.excludedAddresses).map(\.line.address)
        }))
    trackers.startScripts()
  }

  private func replaceRouters(by configuration: Configuration) {
    planLinks(configuration)
    // The farewell is said with the old indices, by the old links.
    core.beginReload(plan(map(configuration)), at: Clock.now, into: &effects.pending)
    perform()
    network.links.replace(by: linkPlan) { network.drainSilently() }

    var mapped = map(configuration)
    markDuplicates(&mapped)
    let plan = plan(mapped)
    oldRouters = routers
    follow(mapped)
    install(mapped, predecessors: plan.predecessors)
    openSockets()
    replaceStatic(by: mapped)
    core.finishReload(plan, at: Clock.now, into: &effects.pending)
    // Which router a packet is for goes by the new indices.
    openSockets()
    perform()
    oldRouters = []
  }

  private func plan(_ mapped: MappedConfiguration) -> ReloadPlan {
    core.plan(
      routers: mapped.routers.map(\.router), groups: mapped.protocolGroups,
      options: options(mapped, context.configuration.global))
  }
}
