import ProcessFrame
import EventLoop
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// The end: addresses go first, then everybody is told.
extension VRRPProcess {
  /// How long the scripts of the stop may take.
  private static let patience = Microseconds.seconds(1)

  func stop() {
    if isStopping { return }
    isStopping = true
    trackedScripts.stop()
    trackedFiles.stop()
    polling?.stop()
    scriptRunner.endServing()
    syncDaemon.stop()
    core.shutdown(at: Clock.now, into: &effects)
    perform()
    // Static addresses go even where virtual ones are kept (-V).
    installer.remove(staticAddresses)
    sockets.closeAll()
    waitForScripts(until: Clock.now + Self.patience)
  }

  /// Looks every few milliseconds: at a stop nothing else is left to do.
  private func waitForScripts(until deadline: Instant) {
    if scriptRunner.isIdle || Clock.now >= deadline {
      scriptRunner.killServing()
      notifier.fifos.close()
      kernelSettings.restore()
      loop.stop()
      return
    }
    loop.after(.milliseconds(5)) { [unowned self] in waitForScripts(until: deadline) }
  }
}
