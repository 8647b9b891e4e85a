import ProcessFrame
import EventLoop
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// The end: addresses go first, then everybody is told.
extension VRRPProcess {
  package func stop() {
    // What ends or changes from now on does so because of the stop: nobody is told of it.
    isStopping = true
    trackers.stop()
    network.stopPolling()
    frame.scripts.endServing()
    syncDaemon.stop()
    core.shutdown(at: Clock.now, into: &effects.pending)
    perform()
    network.delegate = nil
    // What is static goes even where virtual addresses are kept (-V).
    staticRules.release()
    staticRoutes.release()
    network.rules.finish()
    network.routes.finish()
    staticAddresses.release()
    network.addresses.finish()
    network.sockets.closeAll()
    frame.finish()
  }
}
