import ProcessFrame
import Configuration
import ConfigurationSyntax
import EventLoop
import Host
import Introspection
import Logging
import Notification
import Primitives
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
  let loop: EventLoop
  let snapshot: SharedMemoryFile
  let acknowledgements: EventCounter
  let sessions: SessionChannels
  var runFiles: RunFiles
  var outcome: ReadingOutcome
  var children: [ChildKind: RunningChild] = [:]
  var delays: [ChildKind: RespawnDelay] = [:]
  /// Children that have yet to say that the configuration is in force.
  var outstanding = 0
  var isReloadQueued = false
  var phase = Phase.starting
  var exitStatus: Int32 = 0
  private(set) lazy var scripts = ScriptRunner(loop: loop, log: log, limits: limits)
  private var signals: SignalWatch?
  private var schedule: ReloadSchedule?
  private var autoPriority: AutoPriority?
  /// Ends the waiting for children at a stop.
  var stopLimit: Alarm?
  var isFinishing = false

  enum Phase { case starting, running, reloading, stopping }

  /// A child as its parent sees it.
  struct RunningChild {
    let process: Int32
    let watch: ChildWatch
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
    "STOP": Signal.terminate, "RELOAD": Signal.hangUp, "DATA": Signal.user1, "STATS": Signal.user2,
    "STATS_CLEAR": Signal.clearStatistics, "JSON": Signal.json,
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
    loop = try EventLoop()
    snapshot = try SharedMemoryFile(name: "/keepalived/consolidated_configuration")
    acknowledgements = try EventCounter()
    sessions = try SessionChannels()
    try snapshot.replaceContents(with: read.snapshot.encoded())
  }

  /// Runs until it is told to stop; the exit status.
  func run() throws(Errno) -> Int32 {
    signals = try watchSignals()
    _ = try loop.watch(acknowledgements.descriptor.rawValue, self)
    watchLateness()
    if let script = outcome.configuration.global.scripts.startupScript {
      runScript(
        script, named: "startup script",
        timeout: outcome.configuration.global.scripts.startupScriptTimeout
      ) { [unowned self] in startChildren() }
    } else {
      startChildren()
    }
    try loop.run()
    return exitStatus
  }

  private func watchLateness() {
    let global = outcome.configuration.global
    autoPriority = AutoPriority(global, ProcessScheduling(), log: log)
    loop.lateness = global.minAutoPriorityDelay
    loop.wokeLate = { [unowned self] lateness in
      log.info(Lateness.text(lateness))
      autoPriority?.wokeLate()
    }
  }

  /// A time that a file names is another way to ask for a reload.
  func watchReloadTime() {
    schedule?.stop()
    schedule = nil
    let settings = outcome.configuration.global.reading
    guard let path = settings.reloadTimeFile, phase != .stopping else { return }
    schedule = ReloadSchedule(
      path: path, keepsDailyFile: settings.reloadRepeat, loop: loop, log: log,
      reload: { [unowned self] in requestReload() })
  }

  private func watchSignals() throws(Errno) -> SignalWatch {
    var handled = [
      Signal.hangUp, Signal.terminate, Signal.user1, Signal.user2, Signal.clearStatistics,
      Signal.json, Signal.child,
    ]
    if !line.ignoresInterrupt { handled.append(Signal.interrupt) }
    return try SignalWatch(handled, on: loop) { [unowned self] in signalled($0) }
  }

  private func signalled(_ number: Int32) {
    if number == Signal.child { loop.reapOrphans() }
    if phase == .stopping { return }
    switch number {
    case Signal.terminate, Signal.interrupt: stop()
    case Signal.hangUp: requestReload()
    case Signal.user1:
      writeDump()
      for kind in ChildKind.allCases { forward(number, to: kind) }
    case Signal.user2, Signal.clearStatistics, Signal.json: forward(number, to: .vrrp)
    default: break
    }
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

  // MARK: Acknowledgements

  private func acknowledged(_ count: UInt64) {
    if count > UInt64(outstanding) {
      // A child that was started again says so too.
      outstanding = 0
    } else {
      outstanding -= Int(count)
    }
    if outstanding == 0 { settled() }
  }

  /// All children run the configuration.
  func settled() {
    switch phase {
    case .starting: log.info("Startup complete")
    case .reloading: log.info("Reload complete")
    case .running, .stopping: return
    }
    phase = .running
    systemd.tell(.ready)
    Memory.releaseStartup()
    if isReloadQueued {
      isReloadQueued = false
      log.detail("Processing queued reload")
      requestReload()
    }
  }
}

extension Watchdog: ReadinessHandler {
  func ready(_ readiness: Readiness, token: Int) {
    let count = acknowledgements.take()
    if count > 0 { acknowledged(count) }
  }
}
