import Configuration
import EventLoop
import Logging
import Notification
import Primitives
import SystemIO

/// The end of the daemon.
extension Watchdog {
  func stop() {
    if phase == .stopping { return }
    phase = .stopping
    log.info("Stopping")
    systemd.tell(.stopping)
    for kind in [ChildKind.vrrp, .checker, .bfd] { forward(Signal.terminate, to: kind) }
    stopLimit = loop.after(outcome.configuration.global.childWaitTime) { [unowned self] in
      killChildren()
    }
    stopIfAlone()
  }

  /// Goes on when the last child has ended.
  func stopIfAlone() {
    if children.isEmpty { finish() }
  }

  private func killChildren() {
    for kind in [ChildKind.vrrp, .checker, .bfd] where children[kind] != nil {
      log.info("\(kind.shortName) process failed to die - forcing termination")
      forward(Signal.kill, to: kind)
    }
    finish()
  }

  private func finish() {
    if isFinishing { return }
    isFinishing = true
    stopLimit?.cancel()
    for child in children.values { child.watch.forget() }
    children = [:]
    let scripts = outcome.configuration.global.scripts
    guard let script = scripts.shutdownScript else {
      loop.stop()
      return
    }
    runScript(script, named: "shutdown script", timeout: scripts.shutdownScriptTimeout) {
      [unowned self] in loop.stop()
    }
  }
}
