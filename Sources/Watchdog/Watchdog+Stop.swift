import Configuration
import EventLoop
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// The end of the daemon.
extension Watchdog {
  /// How long children that were killed, and the one that clears what they left, may take.
  private static let lastPatience = Microseconds.seconds(5)

  func stopChildren() {
    clearRemains()
    for kind in [ChildKind.vrrp, .checker, .bfd] { forward(Signal.terminate, to: kind) }
    stopLimit = loop.after(outcome.configuration.global.childWaitTime) { [unowned self] in
      killChildren()
    }
    stopIfAlone()
  }

  /// A child has ended that no other start would help: the others end too, and their pid files with
  /// them. Nothing is run or said as at a stop that somebody asked for.
  func giveUp(_ status: Int32) {
    phase = .stopping
    exitStatus = status
    stopChildren()
  }

  /// Goes on when the last child has ended.
  func stopIfAlone() {
    if children.isEmpty { finish() }
  }

  func killChildren() {
    for kind in [ChildKind.vrrp, .checker, .bfd] where children[kind] != nil {
      log.info("\(kind.traits.shortName) process failed to die - forcing termination")
      forward(Signal.kill, to: kind)
    }
    isForced = true
    stopLimit = loop.after(Self.lastPatience) { [unowned self] in finish() }
  }

  /// The addresses of a process that has died would stay on this host, while another one has them
  /// too: one more process begins, which takes away what it finds, and ends.
  func clearRemains() {
    guard died.contains(.vrrp), !hasClearedRemains, line.respawns,
      !line.child.keepsAddressesAtStop
    else { return }
    hasClearedRemains = true
    start(.vrrp)
    forward(Signal.terminate, to: .vrrp)
  }

  private func finish() {
    if isFinishing { return }
    isFinishing = true
    stopLimit?.cancel()
    for child in children.values {
      child.watch.forget()
      child.line.close()
    }
    children = [:]
    let scripts = outcome.configuration.global.scripts
    guard let script = scripts.shutdownScript, exitStatus == 0 else {
      frame.finish(exitStatus)
      return
    }
    runScript(script, named: "shutdown script", timeout: scripts.shutdownScriptTimeout) {
      [unowned self] in frame.finish()
    }
  }
}
