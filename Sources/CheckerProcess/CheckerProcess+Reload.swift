package import Configuration
import HealthChecking
import Host
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// A new configuration while checks go on.
extension CheckerProcess {
  package func reload(from old: Configuration) {
    let started = Clock.now
    let configuration = context.configuration
    if let kernel {
      log.debug("Reinitializing ipvs")
      kernel.adopt(configuration)
    } else if !openKernel() {
      log.error("Virtual servers are not served until IPVS can be used")
    }
    frame.scripts.endServing()
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
    for checker in attempts { checker?.cancel() }
    if !provideNeeds() { log.error("SSL_GET goes on as before the reload") }
    core.reload(
      configuration.lvs, HealthChecks.Settings(configuration.global), files: fileValues,
      addresses: localAddresses.counts, into: &effects.pending)
    putInForce()
    oldCore = nil
    // A BFD_CHECK that is new has heard nothing yet.
    context.sessions.requests.add()
    log.info("Reload finished in \((Clock.now - started).count) usec")
  }
}
