import Checkers
import ProcessFrame
import Configuration
import ConfigurationSyntax
import HealthChecking
import Host
import Logging
import Notification
import Primitives
import SystemIO

/// A new configuration while checks go on.
extension CheckerProcess {
  func reload() {
    log.info("Reloading")
    let started = Clock.now
    // Health checking looks at no interface.
    guard let outcome = context.readSnapshot(for: SystemHost(interfaces: [])) else {
      context.acknowledge()
      return
    }
    let wasUsed = kernel != nil
    context.adopt(outcome)
    let configuration = outcome.configuration
    if wasUsed {
      log.debug("Reinitializing ipvs")
      kernel?.adopt(configuration)
    } else if !openKernel() {
      log.error("Virtual servers are not served until IPVS can be used")
    }
    scriptRunner.endServing()
    fifos.close()
    fifos.open(configuration.global.scripts, runsGlobalReader: true)
    if configuration.lvs.virtualServers.contains(where: \.hasHASuspend) {
      do throws(Errno) { try localAddresses.listen() } catch {
        log.error("Unable to monitor addresses for ha_suspend - \(error)")
      }
    }
    trackedFiles.start(configuration.lvs.trackFiles, isFirstStart: false)
    let before = core
    oldCore = before
    for session in sessions { session?.cancel() }
    if !provideNeeds() { log.error("SSL_GET goes on as before the reload") }
    core.reload(
      configuration.lvs, HealthChecks.Settings(configuration.global), files: fileValues,
      addresses: localAddresses.counts, into: &effects)
    putInForce()
    oldCore = nil
    // A BFD_CHECK that is new has heard nothing yet.
    context.sessions.requests.add()
    context.acknowledge()
    log.info("Reload finished in \((Clock.now - started).count) usec")
    releaseStartupMemory()
  }
}
