// This target is the checker child: it makes the attempts of the checks, and keeps IPVS equal to
// what follows from them.
//
// What a result means is decided by the core, `HealthChecks`, which is pure. All that happens goes
// the same way: a result, a timer, a signal, a report of BFD or of the kernel becomes a call of the
// core; the core appends effects; `perform` carries them out in order (CheckerProcess+Effects).
//
// In `Checkers` is how each kind of checker makes its attempts: one file a kind, and one row of
// `CheckerRow` that says what the kind needs of the process and makes its `CheckAttempts`. Those
// are made at the first check and kept until a reload; most of them talk by an `Exchange`. What is
// short on this machine ends an attempt as `.postponed`, whatever lasts as `.failed`. (Sessions are
// BFD's.)
//
// `KernelServices` has what the kernel shall hold: a writer for IPVS and one for nftables, each of
// which takes a request for done until it is told of its failure. `Announcer` tells scripts and
// FIFOs of servers that come and go.
//
// Indices of checkers, timers and attempts are the core's, valid until a reload: `putInForce` makes
// anew all that goes by them, after the attempts of before were cancelled.
//
// What must never happen: a call that waits; a server that is taken away because of a shortage here
// that passes, or served without a word because nobody can check it; a result of an attempt from
// before a reload; IPVS left behind at the end unless that is wanted.
import Configuration
import EventLoop
import HealthChecking
import Host
import IPVS
package import Kernel
import Logging
import Notification
package import Primitives
package import ProcessFrame
import SystemIO

/// The checker child: runs the checks, hands their results to the core, and keeps IPVS equal to
/// what follows from them.
package final class CheckerProcess {
  let context: ChildContext
  let frame: ProcessFrame
  let loop: EventLoop
  let log: Log
  let fifos: NotifyFIFOs
  let announcer: Announcer<ServerSubject>
  let environment: CheckEnvironment
  let effects = EffectQueue<Effect>()
  var core = HealthChecks(LVSConfiguration(), HealthChecks.Settings(), random: KernelRandom())
  /// The core of the configuration before, while a reload replaces it.
  var oldCore: HealthChecks?
  /// Of each checker, from its first one on.
  var attempts: [(any CheckAttempts)?] = []
  var timers: [EventLoop.Timer] = []
  var isStopping = false
  /// While the configuration is put in force what IPVS holds is sent at once for all.
  var isInstalling = false
  /// Nil without virtual servers.
  var kernel: KernelServices?
  private(set) lazy var pingGroups = PingGroupRange(log: log)

  private(set) lazy var trackedFiles = TrackedFiles(
    loop: loop, log: log, changed: { [unowned self] in fileChanged($0, $1) })
  private(set) lazy var sessionReports = SessionReports(
    context.sessions.checker, requests: context.sessions.requests, log: log,
    received: { [unowned self] in sessionChanged($0) })
  private(set) lazy var localAddresses = LocalAddresses(
    loop: loop, log: log, changed: { [unowned self] in addressChanged($0, isAdded: $1) })

  /// Runs the child; its exit status.
  package static func run(_ context: ChildContext) -> Int32 {
    ChildFrame.run(.checker, context) { CheckerProcess($0) }
  }

  init(_ frame: ChildFrame) {
    context = frame.context
    self.frame = frame.frame
    log = context.log
    loop = frame.frame.loop
    let scripts = frame.frame.scripts
    let fifos = NotifyFIFOs(.lvs, log: log, scripts: scripts)
    self.fifos = fifos
    announcer = Announcer([ServerScripts(scripts), FIFOListener(fifos) { $0.fifoLine }])
    environment = CheckEnvironment(loop: loop, log: log, runner: scripts)
  }

  // MARK: Start

  private func begin() throws(Errno) {
    let configuration = context.configuration
    fifos.open(configuration.global.scripts, runsGlobalReader: true)
    if configuration.lvs.virtualServers.contains(where: \.hasHASuspend) {
      try localAddresses.listen()
    }
    trackedFiles.start(configuration.lvs.trackFiles, isFirstStart: true)
    core = HealthChecks(
      configuration.lvs, HealthChecks.Settings(configuration.global),
      random: KernelRandom())
    core.start(files: fileValues, addresses: localAddresses.counts, into: &effects.pending)
    putInForce()
    try sessionReports.listen(on: loop)
    log.info("Activating BFD healthchecker")
  }

  func begin(_ index: Int, url: Int) {
    let checker = attempts[index] ?? makeAttempts(index)
    attempts[index] = checker
    checker?.begin(url: url)
  }

  private func makeAttempts(_ index: Int) -> (any CheckAttempts)? {
    let checker = core.checkers[index]
    let server = core.realServers[checker.server.rawValue]
    let service = core.virtualServers[server.virtualServer.rawValue]
    var names = CheckNames(
      target: "", realServer: server.name, virtualServer: service.name,
      realServerVirtualHost: server.definition.virtualHost,
      virtualServerVirtualHost: service.definition.virtualHost)
    if let connection = checker.definition.connection {
      names.target = connection.name
    }
    let number = CheckerIndex(rawValue: index)
    return environment.attempts(of: checker.definition, names: names) { [unowned self] result in
      core.ended(number, result, at: loop.now, into: &effects.pending)
      perform()
    }
  }

  /// After `start` and `reload` of the core: IPVS first, then everybody is told, then the checks
  /// begin.
  func putInForce() {
    isInstalling = true
    kernel?.replace(core)
    perform()
    isInstalling = false
    for timer in timers { loop.discard(timer) }
    let checkers = core.checkers.indices
    timers = checkers.map { loop.makeTimer(self, token: $0) }
    attempts = Array(repeating: nil, count: checkers.count)
    Resources.raiseDescriptorLimit(to: UInt(2 * checkers.count + 128))
    log.together {
      for start in stride(from: 0, to: checkers.count, by: Self.checkersAtOnce) {
        core.activate(start..<start + Self.checkersAtOnce, at: Clock.now, into: &effects.pending)
        perform()
      }
    }
  }

  /// As many as their effects need little memory.
  private static let checkersAtOnce = 64

  // MARK: What is tracked

  var fileValues: [String: Int] {
    var values: [String: Int] = [:]
    for (number, file) in context.configuration.lvs.trackFiles.enumerated() {
      values[file.name] = trackedFiles.value(number)
    }
    return values
  }

  private func fileChanged(_ number: Int, _ value: Int) {
    let files = context.configuration.lvs.trackFiles
    guard files.indices.contains(number) else { return }
    core.fileChanged(files[number].name, value: value, into: &effects.pending)
    perform()
  }

  private func sessionChanged(_ record: SessionRecord) {
    core.sessionChanged(record.name, isUp: record.isUp, into: &effects.pending)
    perform()
  }

  private func addressChanged(_ address: IPAddress, isAdded: Bool) {
    core.localAddressChanged(address, isAdded: isAdded, at: Clock.now, into: &effects.pending)
    perform()
  }
}

extension CheckerProcess: Child {
  /// Health checking looks at no interface.
  package var interfaces: [NetworkInterface] { [] }

  package func start() throws(StartFailure) {
    guard openKernel() else { throw StartFailure(status: ChildExit.fatal.rawValue) }
    guard provideNeeds() else {
      log.info("Terminate...")
      throw StartFailure(status: ChildExit.fatal.rawValue)
    }
    do throws(Errno) { try begin() } catch { throw StartFailure(error) }
  }

  package func cleanUp() {
    fifos.close()
    pingGroups.restore()
    kernel?.restore()
  }

  package func dump(_ request: DumpRequest) {}
  package func wokeLate(by lateness: Microseconds) { core.wokeLate(by: lateness, at: loop.now) }
}

extension CheckerProcess: TimerHandler {
  package func timerFired(token: Int, at now: Instant) {
    core.timerFired(CheckerIndex(rawValue: token), at: now, into: &effects.pending)
    perform()
  }
}

extension HealthChecks.Settings {
  init(_ global: GlobalDefinitions) {
    self.init()
    notifiesAtStart = global.scripts.rsInitNotifies
    logsAllFailures = global.mail.checkerLogAllFailures
    flushOnStop = global.lvs.flushOnStop
  }
}
