// This target is how a process tells others what has happened: scripts and FIFOs.
//
// `ScriptRunner` starts programs, under the account that the configuration gives them, and reaps
// each one. `LimitedScript` is a script with a time limit: SIGTERM, then SIGKILL. A
// `NotificationFIFO` is a named pipe that its reader, often a script of ours, reads line by line;
// an `Announcement` is what is told, as a line and as the arguments of a script.
//
// Lines and arguments are those of keepalived, to the octet, and come in the order of the changes.
// Scripts run beside each other: only the FIFO tells the order.
//
// What must never happen: a wait for a script or for a reader (what does not fit into the pipe is
// lost, and the log says so); a script as root because its account was not found; a zombie; a
// child with the process's limits, mask or blocked signals instead of the original ones.

package import EventLoop
package import Logging
import Primitives
package import SystemIO

/// Runs scripts and forgets none of them: every child is reaped.
///
/// Those that serve the process (tracked scripts, readers of FIFOs) end with a reload and with the
/// process. Those that tell of a change run on: a reload does not concern them, and when the
/// process ends the kernel sends them SIGTERM.
package final class ScriptRunner {
  private let loop: EventLoop
  private let log: Log
  private let limits: OriginalLimits
  private var running: [Int32: RunningScript] = [:]
  private var serving: Set<Int32> = []
  /// Those whose end could not be waited for, killed: to be reaped one day.
  private var abandoned: [Int32] = []
  /// How long scripts that are asked to end may take.
  private static let patience = Microseconds.seconds(1)

  package init(loop: EventLoop, log: Log, limits: OriginalLimits) {
    self.loop = loop
    self.log = log
    self.limits = limits
  }

  package var isIdle: Bool { running.isEmpty }

  /// Starts a program; `ended` is called when it has ended. Nil after a failure, which is logged:
  /// each time, or with `faults` once while it lasts.
  @discardableResult
  package func start(
    _ program: Program, isServing: Bool = false, faults: StartFaults? = nil,
    ended: ((ScriptEnd) -> Void)? = nil
  ) -> RunningScript? {
    abandoned.removeAll { Processes.reap($0) != nil }
    do throws(Errno) {
      let script = RunningScript(try program.start(limits: limits))
      do throws(Errno) {
        try script.wait(on: loop) { [weak self] end in
          self?.running[script.process] = nil
          self?.serving.remove(script.process)
          if case .notStarted(let error) = end {
            if faults?.isNews(error) ?? true {
              self?.log.alert(
                "Error exec-ing command '\(program.path)', error \(error.rawValue): \(error)")
            }
          } else {
            faults?.last = nil
          }
          ended?(end)
        }
      } catch {
        script.signal(Signal.kill)
        abandoned.append(script.process)
        throw error
      }
      running[script.process] = script
      if isServing { serving.insert(script.process) }
      return script
    } catch {
      if faults?.isNews(error) ?? true { log.info("Failed fork process - \(error)") }
      return nil
    }
  }

  /// Asks the serving scripts to end, and makes those that have not after a second.
  package func endServing() {
    let asked = serving.compactMap { running[$0] }
    for script in asked { script.signal(Signal.terminate) }
    if asked.isEmpty { return }
    loop.after(Self.patience) { [weak self] in
      for script in asked where self?.running[script.process] === script {
        script.signal(Signal.kill)
      }
    }
  }

  /// Kills those that should have ended by now.
  package func killServing() {
    for process in serving { running[process]?.signal(Signal.kill) }
  }
}

/// Why a program that is started again and again could not be started the last time.
package final class StartFaults {
  fileprivate(set) var last: Errno?

  package init() {}

  fileprivate func isNews(_ error: Errno) -> Bool {
    defer { last = error }
    return last != error
  }
}

/// How a script ended.
package enum ScriptEnd: Hashable, Sendable {
  case ended(ExitStatus)
  /// It could not be executed.
  case notStarted(Errno)
}

/// A script that was started and has not ended.
package final class RunningScript {
  private let started: Program.Started
  private var watch: ChildWatch?

  fileprivate init(_ started: consuming Program.Started) {
    self.started = started
  }

  package var process: Int32 { started.process }

  /// `ended` is called once; until then the loop holds the script.
  fileprivate func wait(on loop: EventLoop, ended: @escaping (ScriptEnd) -> Void) throws(Errno) {
    watch = try ChildWatch(process, on: loop) { status in
      self.watch = nil
      ended(self.end(status))
    }
  }

  package var isRunning: Bool { watch != nil }

  /// Signals the script and all that it started.
  package func signal(_ number: Int32) { try? Signal.send(number, to: -process) }

  private func end(_ status: ExitStatus) -> ScriptEnd {
    guard case .exited(127) = status, let bytes = try? started.failure.read(atMost: 4),
      bytes.count == 4
    else { return .ended(status) }
    // Lowest byte first, as on every machine that this runs on.
    let number = bytes.reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
    return .notStarted(Errno(rawValue: number))
  }
}
