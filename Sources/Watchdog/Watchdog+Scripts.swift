import Configuration
import EventLoop
import Host
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// The startup and the shutdown script: everything else waits for them, but not for ever.
extension Watchdog {
  /// Runs the script and then `next`, whatever became of it.
  func runScript(
    _ script: Script, named name: String, timeout: Microseconds, then next: @escaping () -> Void
  ) {
    log.detail("Running \(name) \(script.arguments.joined(separator: " "))")
    var isOver = false
    var limit: Alarm?
    var late: RunningScript?
    let goOn = {
      if isOver { return }
      isOver = true
      limit?.cancel()
      next()
    }
    let running = frame.scripts.start(Program(script)) { [log] end in
      switch end {
      case .ended(.exited(0)): log.detail("\(name) script succeeded")
      case .ended(.exited(let status)): log.info("\(name) script failed, status \(status)")
      case .ended(.signalled(let number)): log.info("\(name) ended by signal \(number)")
      case .notStarted: break
      }
      // What it started, and what did not heed the signal either.
      late?.signal(Signal.kill)
      goOn()
    }
    guard let running else {
      log.error("Call of \(name) \(script.path) failed")
      goOn()
      return
    }
    limit = loop.after(timeout) { [unowned self] in
      log.info("\(name) timed out")
      late = running
      end(running, name, then: goOn)
    }
  }

  /// Asks, insists, and gives up in the end.
  private func end(_ script: RunningScript, _ name: String, then goOn: @escaping () -> Void) {
    script.signal(Signal.terminate)
    loop.after(.seconds(2)) { [unowned self] in
      if !script.isRunning { return }
      script.signal(Signal.kill)
      loop.after(.seconds(2)) { [unowned self] in
        if !script.isRunning { return }
        log.info("\(name) (PID \(script.process)) failed to terminate after kill")
        script.signal(Signal.kill)
        loop.after(.seconds(10), goOn)
      }
    }
  }
}
