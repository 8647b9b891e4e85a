// This target is the parent: it reads the configuration, starts the children, and starts them again
// when they end. It never touches the network itself.
//
// `CommandLine` is what the command line says, from one table of options. `Startup` is everything
// until the loop runs: log, configuration, pid files, daemon. `Watchdog` is the process in its
// frame: children (+Children), the reload (+Reload), the stop (+Stop), the scripts of start and
// shutdown (+Scripts). `ConfigurationReader` reads and validates; what was read goes to the
// children by fork, and at a reload as a snapshot in shared memory. `ReloadSchedule` reloads at a
// time that a file names. `SystemdNotifier` tells the service manager.
//
// Each child has a `ChildChannel`, by which it says which configuration it runs; the parent repeats
// no more than it was told.
//
// What must never happen: a configuration in force that was refused; a child that ends without
// being noticed, or runs twice; a way out that leaves a pid file or a directory behind; waiting for
// a child for longer than `child_wait_time`.
package import ProcessFrame
import Configuration
import ConfigurationSyntax
import EventLoop
import Host
import Introspection
import Logging
import Notification
package import Primitives
import SystemIO

/// The parent: reads the configuration, starts the children, and starts them again when they end.
///
/// It never touches the network itself. What it knows reaches the children by fork, and later by a
/// snapshot in shared memory.
package final class Watchdog {
  let line: CommandLine
  let log: Log
  let limits: OriginalLimits
  let bodies: [ChildKind: ChildBody]
  let systemd = SystemdNotifier()
  let frame: ProcessFrame
  let snapshot: SharedMemoryFile
  let sessions: SessionChannels
  let runFiles: RunFiles
  var outcome: ReadingOutcome
  var children: [ChildKind: RunningChild] = [:]
  var delays: [ChildKind: RespawnDelay] = [:]
  /// Children that have yet to say whether the configuration is in force.
  var awaited: Set<ChildKind> = []
  /// Children that run the configuration before the last reload, and why.
  var refusals: [ChildKind: String] = [:]
  var isReloadQueued = false
  var phase = Phase.starting
  private var schedule: ReloadSchedule?
  /// Ends the waiting for children at a stop.
  var stopLimit: Alarm?
  var isFinishing = false
  /// Children that have died, so that they could take nothing along, and were not started again.
  var died: Set<ChildKind> = []
  /// Children that did not end were made to.
  var isForced = false
  var hasClearedRemains = false
  /// What the parent ends with; another one than 0 if a child has ended for good.
  var exitStatus: Int32 = 0

  enum Phase { case starting, running, reloading, stopping }

  /// A child as its parent sees it.
  struct RunningChild {
    let process: Int32
    let watch: ChildWatch
    let line: ChildLine
    let startedAt: Instant
  }

  /// The whole program: reads the command line and does what it says; the exit status. `genhash`
  /// gets a command line of its own.
  package static func main(
    _ arguments: [String], bodies: [ChildKind: ChildBody], genhash: ([String]) -> Int32
  ) -> Int32 {
    Processes.completeStandardStreams()
    let limits = OriginalLimits()
    let request = CommandLine.parse(
      arguments, complain: { StandardStream.error.write($0 + "\n") },
      mention: { StandardStream.output.write($0 + "\n") })
    switch request {
    case .refuse: return 1
    case .answer(.genhash(let words)): return genhash(words)
    case .answer(let answer): return reply(answer, program: arguments.first ?? "keepalived")
    case .run(let line):
      if case .no = line.configurationTest {
        return Startup(line, arguments: arguments, limits: limits).run(bodies)
      }
      return ConfigurationTest(line).run()
    }
  }

  private static func reply(_ answer: CommandLine.Answer, program: String) -> Int32 {
    switch answer {
    case .version:
      StandardStream.error.write(Version.text)
      return 0
    case .help:
      StandardStream.error.write(Usage.text(program: program))
      return 0
    case .signal(let name):
      guard let number = signalNumbers[name] else {
        StandardStream.error.write("Unknown sigfunc \(name)\n")
        return 1
      }
      StandardStream.output.write("\(number)\n")
      return 0
    case .genhash: return 1
    }
  }

  /// The names of `--signum`.
  static let signalNumbers: [String: Int32] = [
    "STOP": Signal.terminate, "RELOAD": Signal.hangUp, "DATA": DumpRequest.data.signal,
    "STATS": DumpRequest.statistics.signal, "STATS_CLEAR": DumpRequest.clearStatistics.signal,
    "JSON": DumpRequest.json.signal,
  ]

  init(
    _ line: CommandLine, log: Log, limits: OriginalLimits, read: ConfigurationReader.Read,
    runFiles: RunFiles, bodies: [ChildKind: ChildBody]
  ) throws(Errno) {
    self.line = line
    self.log = log
    self.limits = limits
    outcome = read.outcome
    self.runFiles = runFiles
    self.bodies = bodies
    frame = try ProcessFrame(
      title: "parent", log: log, limits: limits, heedsInterrupt: !line.ignoresInterrupt)
    snapshot = try SharedMemoryFile(name: "/keepalived/consolidated_configuration")
    sessions = try SessionChannels()
    try snapshot.replaceContents(with: read.snapshot.encoded())
  }

  var loop: EventLoop { frame.loop }

  /// Runs until it is told to stop; the exit status.
  func run() throws(StartFailure) -> Int32 { try frame.run(self) }

  var scheduling: Scheduling.Settings { Scheduling.Settings(outcome.configuration.global, nil) }

  /// A time that a file names is another way to ask for a reload.
  func watchReloadTime() {
    schedule?.stop()
    schedule = nil
    let settings = outcome.configuration.global.reading
    guard let path = settings.reloadTimeFile, phase != .stopping else { return }
    schedule = ReloadSchedule(
      path: path, keepsDailyFile: settings.reloadRepeat, loop: loop, log: log,
      reload: { [unowned self] in reload() })
  }

  private func writeDump() {
    log.info("Printing parent data for process(\(Processes.current)) on signal")
    let global = outcome.configuration.global
    let path = DumpFile.path(.parent, global, temporaryDirectory: TemporaryDirectory.path)
    DumpFile.write(
      GlobalDump.text(global, .init(umask: FileSystem.currentMask)), to: path, log: log)
  }

  func forward(_ number: Int32, to kind: ChildKind) {
    guard let child = children[kind] else { return }
    try? Signal.send(number, to: child.process)
  }

  // MARK: What children say

  func heard(_ message: ChildMessage, from kind: ChildKind) {
    switch message {
    case .ready, .reloaded: refusals[kind] = nil
    case .refused(let reason):
      refusals[kind] = reason
      log.error(
        "The \(kind.traits.title) process has refused the new configuration: \(reason)"
          + " - it runs on with the one before")
    }
    if awaited.remove(kind) != nil && awaited.isEmpty { settled() }
  }

  /// Each child has said which configuration it runs.
  func settled() {
    switch phase {
    case .starting: log.info("Startup complete")
    case .reloading where refusals.isEmpty: log.info("Reload complete")
    case .reloading:
      let titles = ChildKind.allCases.filter { refusals[$0] != nil }.map(\.traits.title)
      log.error(
        "Reload incomplete: the configuration from before is still run by: "
          + titles.joined(separator: ", "))
    case .running, .stopping: return
    }
    phase = .running
    systemd.tell(.ready)
    frame.settled(scheduling)
    if isReloadQueued {
      isReloadQueued = false
      log.detail("Processing queued reload")
      reload()
    }
  }
}

extension Watchdog: FramedProcess {
  package func start() throws(StartFailure) {
    frame.settled(scheduling)
    let scripts = outcome.configuration.global.scripts
    guard let script = scripts.startupScript else { return startChildren() }
    runScript(script, named: "startup script", timeout: scripts.startupScriptTimeout) {
      [unowned self] in startChildren()
    }
  }

  package func stop() {
    if phase == .stopping { return }
    phase = .stopping
    log.info("Stopping")
    systemd.tell(.stopping)
    stopChildren()
  }

  package func cleanUp() {}
  package func wokeLate(by lateness: Microseconds) {}

  package func dump(_ request: DumpRequest) {
    switch request {
    case .data:
      writeDump()
      for kind in ChildKind.allCases { forward(request.signal, to: kind) }
    case .statistics, .clearStatistics, .json: forward(request.signal, to: .vrrp)
    }
  }
}
