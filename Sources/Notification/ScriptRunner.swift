package import EventLoop
package import Logging
import Primitives
package import SystemIO

/// Runs scripts and forgets none of them: every child is reaped.
///
/// Those that serve the process (tracked scripts, readers of FIFOs) end with a reload and with the
/// process. Those that tell of a change run on: a reload does not concern them, and when the process
/// ends the kernel sends them SIGTERM.
package final class ScriptRunner {
  private let loop: EventLoop
  private let log: Log
  private let limits: OriginalLimits
  private var running: [Int32: RunningScript] = [:]
  private var serving: Set<Int32> = []
  /// How long scripts that are asked to end may take.
  private static let patience = Microseconds.seconds(1)

  package init(loop: EventLoop, log: Log, limits: OriginalLimits) {
    self.loop = loop
    self.log = log
    self.limits = limits
  }

  package var isIdle: Bool { running.isEmpty }

  /// Starts a program; `ended` is called when it has ended. Nil after a failure, which is logged.
  @discardableResult
  package func start(
    _ program: Program, isServing: Bool = false, ended: ((ScriptEnd) -> Void)? = nil
  ) -> RunningScript? {
    do throws(Errno) {
      let script = try RunningScript(program, limits: limits, loop: loop) {
        [weak self] script, end in
        self?.running[script.process] = nil
        self?.serving.remove(script.process)
        if case .notStarted(let error) = end {
          self?.log.alert(
            "Error exec-ing command '\(program.path)', error \(error.rawValue): \(error)")
        }
        ended?(end)
      }
      running[script.process] = script
      if isServing { serving.insert(script.process) }
      return script
    } catch {
      log.info("Failed fork process - \(error)")
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

/// How a script ended.
package enum ScriptEnd: Hashable, Sendable {
  case ended(ExitStatus)
  /// It could not be executed.
  case notStarted(Errno)
}

/// A script that was started and has not ended.
package final class RunningScript {
  package let process: Int32
  private let failure: FileDescriptor
  private var watch: ChildWatch?

  fileprivate init(
    _ program: Program, limits: OriginalLimits, loop: EventLoop,
    ended: @escaping (RunningScript, ScriptEnd) -> Void
  ) throws(Errno) {
    let started = try program.start(limits: limits)
    process = started.process
    failure = try started.failure.duplicate()
    watch = try ChildWatch(process, on: loop) { [weak self] status in
      guard let self else { return }
      self.watch = nil
      ended(self, self.end(status))
    }
  }

  /// Signals the script and all that it started.
  package func signal(_ number: Int32) { try? Signal.send(number, to: -process) }

  private func end(_ status: ExitStatus) -> ScriptEnd {
    guard case .exited(127) = status, let bytes = try? failure.read(atMost: 4), bytes.count == 4
    else { return .ended(status) }
    let number = bytes.enumerated().reduce(Int32(0)) { $0 | Int32($1.element) << (8 * Int32($1.offset)) }
    return .notStarted(Errno(rawValue: number))
  }
}
