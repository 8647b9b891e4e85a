import ProcessFrame
import Configuration
import EventLoop
import Logging
import Primitives
import SystemIO

/// How long a child that keeps ending waits before it is started again.
struct RespawnDelay {
  private var seconds: Int64 = 0
  private static let longest: Int64 = 60
  /// A child that has run so long is started again at once.
  private static let steady = Microseconds.seconds(60)

  /// The delay for a child that has run for so long.
  mutating func next(after runtime: Microseconds) -> Int64? {
    if runtime >= Self.steady {
      seconds = 0
      return nil
    }
    defer {
      seconds = seconds == 0 ? 1 : seconds == 32 ? Self.longest : min(seconds * 2, Self.longest)
    }
    return seconds
  }
}

extension Watchdog {
  /// All children that have something to do.
  func startChildren() {
    if phase == .stopping { return }
    Processes.adoptOrphans()
    for kind in ChildKind.allCases {
      if isWanted(kind) {
        awaited.insert(kind)
        start(kind)
      } else {
        runFiles[kind].remove()
      }
    }
    watchReloadTime()
    if awaited.isEmpty {
      log.info("Warning - keepalived has no configuration to run")
      settled()
    }
  }

  func isWanted(_ kind: ChildKind) -> Bool {
    guard bodies[kind] != nil, kind.isEnabled(line) else { return false }
    return line.startsAll || kind.traits.isConfigured(outcome.configuration.presence)
  }

  func start(_ kind: ChildKind) {
    let parent = Processes.current
    runFiles[kind].hold()
    do throws(Errno) {
      let channel = try ChildChannel()
      let process = try Processes.fork()
      if process == 0 { becomeChild(kind, of: parent, channel.toParent) }
      log.info("Starting \(kind.traits.name) child process, pid=\(process)")
      do throws(Errno) {
        let line = try channel.listen(on: loop) { [unowned self] in heard($0, from: kind) }
        let watch = try ChildWatch(process, on: loop) { [unowned self] in ended(kind, $0) }
        children[kind] = RunningChild(
          process: process, watch: watch, line: line, startedAt: Clock.now)
        died.remove(kind)
      } catch {
        // Nobody would notice its end, and a second one would be started beside it.
        try? Signal.send(Signal.kill, to: process)
        throw error
      }
    } catch {
      log.error("Cannot start the \(kind.traits.name) child process - \(error)")
      respawn(kind, after: .zero)
    }
  }

  /// In the new process: gives up what is the parent's, and does its work until the end.
  private func becomeChild(_ kind: ChildKind, of parent: Int32, _ toParent: ParentLine) -> Never {
    Processes.endWithParent(parent)
    loop.abandon()
    // With the lines to its siblings.
    children = [:]
    Environment.remove("NOTIFY_SOCKET")
    runFiles.parent.release()
    for other in ChildKind.allCases where other != kind { runFiles[other].release() }
    let global = outcome.configuration.global
    if let name = kind.processName(global.processNames) { Processes.setName(name) }
    let identity = kind.traits.identity + IdentitySuffix.text(line, global)
    var options = line.child
    options.allowsChecker = bodies[.checker] != nil && ChildKind.checker.isEnabled(line)
    let log = log.ofChild(identity, fileSuffix: kind.traits.logFileSuffix)
    let context = ChildContext(
      log: log, options: options,
      outcome: outcome, limits: limits, reading: ConfigurationReader(line).options,
      snapshot: snapshot, parent: toParent, pidFile: runFiles[kind],
      sessions: sessions)
    let status = bodies[kind].map { $0(context) } ?? ChildExit.fatal.rawValue
    log.drain()
    Processes.exit(status)
  }

  /// A child has ended, and nobody asked it to.
  private func ended(_ kind: ChildKind, _ status: ExitStatus) {
    guard let child = children.removeValue(forKey: kind) else { return }
    child.line.close()
    if status != .exited(0) && permanentError(status) == nil { died.insert(kind) }
    if phase == .stopping {
      if !isForced { report(kind, child.process, status) }
      clearRemains()
      stopIfAlone()
      return
    }
    report(kind, child.process, status)
    if let permanent = permanentError(status) {
      systemd.tell(.failed(permanent == ChildExit.permission.rawValue ? 1 : 22))
      giveUp(permanent)
      return
    }
    if !line.respawns {
      log.alert("\(kind.traits.name) child process(\(child.process)) died: Exiting")
      frame.stop()
      return
    }
    log.alert("\(kind.traits.name) child process(\(child.process)) died: Respawning")
    let runtime = Clock.now - child.startedAt
    guard status == .exited(0) else { return respawn(kind, after: runtime) }
    // Somebody told it to end: that may be the first sign of a stop of all processes at once.
    loop.after(Signal.spread) { [unowned self] in
      if phase != .stopping && children[kind] == nil { respawn(kind, after: runtime) }
    }
  }

  private func respawn(_ kind: ChildKind, after runtime: Microseconds) {
    guard let seconds = delays[kind, default: RespawnDelay()].next(after: runtime) else {
      start(kind)
      return
    }
    log.info(
      "Restart of \(kind.traits.name) process delayed \(seconds) seconds to limit respawn rate")
    loop.after(.seconds(seconds)) { [unowned self] in
      // A reload may have started it meanwhile.
      if phase != .stopping && children[kind] == nil { start(kind) }
    }
  }

  /// Exit statuses that another start would end with too.
  private func permanentError(_ status: ExitStatus) -> Int32? {
    let permanent = [ChildExit.fatal, .configuration, .permission].map(\.rawValue)
    guard case .exited(let number) = status, permanent.contains(number) else { return nil }
    return number
  }

  private func report(_ kind: ChildKind, _ process: Int32, _ status: ExitStatus) {
    let name = phase == .stopping ? kind.traits.identity : "pid \(process)"
    switch status {
    case .exited(0): break
    case .exited(ChildExit.fatal.rawValue):
      log.info("\(name) exited with permanent error FATAL. Terminating")
    case .exited(ChildExit.configuration.rawValue):
      log.info("\(name) exited with permanent error CONFIG. Terminating")
    case .exited(ChildExit.permission.rawValue):
      log.info("\(name) exited with permanent error missing permission. Terminating")
    case .exited(let number): log.info("\(name) exited with status \(number)")
    case .signalled(let number):
      let hint = number == Signal.kill ? " - has rlimit_rttime been exceeded?" : ""
      log.info("\(name) exited due to signal \(number) (\(Signal.description(number)))\(hint)")
    }
  }
}
