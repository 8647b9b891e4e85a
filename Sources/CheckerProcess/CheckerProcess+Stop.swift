import Checkers
import ProcessFrame
import Configuration
import EventLoop
import HealthChecking
import Logging
import Notification
import Primitives
import SystemIO

/// The end: everybody is told, and IPVS is cleared.
extension CheckerProcess {
  /// How long the scripts of the stop may take.
  private static let patience = Microseconds.seconds(1)

  func stop() {
    if isStopping { return }
    isStopping = true
    for timer in timers { loop.discard(timer) }
    for session in sessions { session?.cancel() }
    trackedFiles.stop()
    scriptRunner.endServing()
    // Compatibility: with -I nobody is told.
    if !context.options.keepsServicesAtStop {
      isInstalling = true
      kernel?.clear(context.configuration.global.lvs.flushOnStop)
      log.together {
        core.stop(into: &effects)
        perform()
      }
    }
    waitForScripts(until: Clock.now + Self.patience)
  }

  /// Looks every few milliseconds: at a stop nothing else is left to do.
  private func waitForScripts(until deadline: Instant) {
    if scriptRunner.isIdle || Clock.now >= deadline {
      scriptRunner.killServing()
      fifos.close()
      pingGroups.restore()
      kernel?.restore()
      loop.stop()
      return
    }
    loop.after(.milliseconds(5)) { [unowned self] in waitForScripts(until: deadline) }
  }
}
