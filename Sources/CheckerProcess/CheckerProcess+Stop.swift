import Configuration
import EventLoop
import HealthChecking
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// The end: everybody is told, and IPVS is cleared.
extension CheckerProcess {
  package func stop() {
    isStopping = true
    for timer in timers { loop.discard(timer) }
    for checker in attempts { checker?.cancel() }
    trackedFiles.stop()
    frame.scripts.endServing()
    // Compatibility: with -I nobody is told.
    if !context.options.keepsServicesAtStop {
      isInstalling = true
      kernel?.clear(context.configuration.global.lvs.flushOnStop)
      log.together {
        core.stop(into: &effects.pending)
        perform()
      }
    }
    frame.finish()
  }
}
