import BFD
import ProcessFrame
import Configuration
import ConfigurationSyntax
import Host
import Logging
import Primitives
import SystemIO

/// A new configuration while sessions go on.
extension BFDProcess {
  func reload() {
    log.info("Reloading")
    let started = Clock.now
    // BFD looks at no interface.
    guard let outcome = context.readSnapshot(for: SystemHost(interfaces: [])) else {
      context.acknowledge()
      return
    }
    context.adopt(outcome)
    let sessions = SessionConfiguration.all(in: outcome.configuration)
    let plan = core.plan(sessions)
    oldOutputs = outputs
    install(count: sessions.count)
    core.reload(plan, at: Clock.now, into: &effects)
    perform()
    oldOutputs = []
    listeners.update(for: sessions)
    context.acknowledge()
    log.info("Reload finished in \((Clock.now - started).count) usec")
    releaseStartupMemory()
  }
}
