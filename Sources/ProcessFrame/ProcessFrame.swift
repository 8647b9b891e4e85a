// This target is what the parent and its children have in common.
//
// A process is a frame with a delegate. The frame (`ProcessFrame`) owns the loop, the signals, the
// scheduling, the memory of the start and the end; it calls its `FramedProcess` to start, reload,
// stop and dump, each from the loop and never from within another of these. A child has one more
// frame around it (`ChildFrame`), which knows what all children owe their parent: the pid file, the
// configuration from the snapshot, and the truth about which configuration is in force
// (`ChildChannel`). What a child gets from its parent is its `ChildContext`.
//
// Cores are pure and tell what is to be done as effects; `EffectQueue` has them carried out in
// order and never one within another. `NotifyFIFOs`, `TrackedFiles` and `SessionReports` are what
// more than one child needs of the world.
//
// Rights that a process needs no more are to be given up in one place: `ProcessFrame.run`, between
// `start` and the loop.
//
// What must never happen: a call that waits, before or in the loop; a child that says it runs a
// configuration that it does not run; a way out that leaves a pid file, a FIFO or a setting of the
// kernel behind (`cleanUp` is called on every one that begins in the frame).
package import EventLoop
package import Logging
package import Notification
package import Primitives
package import SystemIO

/// A process as its frame sees it.
package protocol FramedProcess: AnyObject {
  /// Begins to work, and calls the frame's `settled`; the loop runs after that.
  func start() throws(StartFailure)
  func reload()
  /// Ends the work and lets go of what the process holds, then calls the frame's `finish`; called
  /// once.
  func stop()
  /// Puts back what is to be put back when the process ends, however it ends.
  func cleanUp()
  func dump(_ request: DumpRequest)
  /// The loop woke up late, by `Turn.standstill` or more. What waits is about to be read, then the
  /// timers that were due fire.
  func wokeLate(by lateness: Microseconds)
}

/// Why a process cannot begin; it ends with `status`.
package struct StartFailure: Error {
  package let status: Int32
  /// For the log; nil if all was said.
  package let reason: String?

  package init(status: Int32, reason: String? = nil) {
    self.status = status
    self.reason = reason
  }

  package init(_ error: Errno) {
    let isPermission = error == .permission || error == .access
    self.init(
      status: (isPermission ? ChildExit.permission : ChildExit.fatal).rawValue, reason: "\(error)")
  }
}

/// The loop of a process and all that goes on around it.
package final class ProcessFrame {
  package let loop: EventLoop
  package let log: Log
  package let scripts: ScriptRunner
  private let heedsInterrupt: Bool
  /// The keyword that allows more processor time; nil for a process without a limit.
  private let timeLimitKeyword: String?
  private let scheduling: Scheduling
  private var process: (any FramedProcess)?
  private var isStopping = false
  private var exitStatus: Int32 = 0
  private var isRetryingLog = false
  private var logDelay = firstLogDelay
  private static let firstLogDelay = Microseconds.milliseconds(10)
  private static let lastLogDelay = Microseconds.seconds(1)
  /// How long the scripts of the stop may take.
  private static let patience = Microseconds.seconds(1)
  /// By then the first elections, checks and announcements are over.
  private static let startupTime = Microseconds.seconds(15)

  /// `title` names the process in sentences.
  package init(
    title: String, log: Log, limits: OriginalLimits, heedsInterrupt: Bool,
    timeLimitKeyword: String? = nil
  ) throws(Errno) {
    loop = try EventLoop()
    self.log = log
    self.heedsInterrupt = heedsInterrupt
    self.timeLimitKeyword = timeLimitKeyword
    scripts = ScriptRunner(loop: loop, log: log, limits: limits)
    scheduling = Scheduling(title: title, log: log)
    log.whenStuck = { [weak self] in self?.retryLog() }
    if log.isStuck { retryLog() }
  }

  /// Starts the process and runs it to its end; the exit status.
  package func run(_ process: any FramedProcess) throws(StartFailure) -> Int32 {
    self.process = process
    defer { self.process = nil }
    loop.wokeLate = { [unowned self] in wokeLate(by: $0) }
    do throws(StartFailure) {
      let signals = try startWatchingSignals()
      try process.start()
      try runLoop()
      withExtendedLifetime(signals) {}
      return exitStatus
    } catch {
      process.cleanUp()
      throw error
    }
  }

  private func runLoop() throws(StartFailure) {
    do throws(Errno) { try loop.run() } catch { throw StartFailure(error) }
  }

  /// What was read is in force: it says how the process is to be scheduled, and the memory that
  /// reading needed is given back.
  ///
  /// At the start and after each reload.
  package func settled(_ settings: Scheduling.Settings) {
    Memory.releaseStartup()
    scheduling.apply(settings, to: loop)
    loop.after(Self.startupTime) { Memory.releaseStartup() }
  }

  /// Work begins that takes longer than a real-time process may.
  package func beginLongWork() { scheduling.suspendRealTime() }

  /// Ends the loop when the scripts that tell of the end have ended, or after a second.
  package func finish(_ status: Int32 = 0) {
    exitStatus = status
    waitForScripts(until: Clock.now + Self.patience)
  }

  /// Looks every few milliseconds: at a stop nothing else is left to do.
  private func waitForScripts(until deadline: Instant) {
    if scripts.isIdle || Clock.now >= deadline {
      scripts.killServing()
      process?.cleanUp()
      loop.stop()
      return
    }
    loop.after(.milliseconds(5)) { [unowned self] in waitForScripts(until: deadline) }
  }

  private func wokeLate(by lateness: Microseconds) {
    scheduling.wokeLate(by: lateness)
    process?.wokeLate(by: lateness)
  }

  // MARK: The log

  /// What the log holds back is offered again, less often the longer nobody takes any.
  private func retryLog() {
    if isRetryingLog { return }
    isRetryingLog = true
    loop.after(logDelay) { [weak self] in
      guard let self else { return }
      isRetryingLog = false
      let isTaken = log.flush()
      guard log.isStuck else {
        logDelay = Self.firstLogDelay
        return
      }
      logDelay = isTaken ? Self.firstLogDelay : min(logDelay * 2, Self.lastLogDelay)
      retryLog()
    }
  }

  // MARK: Signals

  private func startWatchingSignals() throws(StartFailure) -> SignalWatch {
    do throws(Errno) {
      return try SignalWatch(SignalTable.read(heedsInterrupt: heedsInterrupt), on: loop) {
        [unowned self] in signalled($0)
      }
    } catch { throw StartFailure(error) }
  }

  private func signalled(_ number: Int32) {
    let meaning = SignalTable.meaning(of: number)
    // Also at the end: scripts that the stop runs leave children behind.
    if isStopping && meaning != .childEnded { return }
    switch meaning {
    case .childEnded: loop.reapOrphans()
    case .reload: process?.reload()
    case .stop: stop()
    case .processorTimeUsed: complainOfTime()
    case .dump(let request): process?.dump(request)
    case .fault, .unavoidable, .stray: break
    }
  }

  /// As the signal for it.
  package func stop() {
    if isStopping { return }
    isStopping = true
    beginLongWork()
    process?.stop()
  }

  private func complainOfTime() {
    guard let timeLimitKeyword else { return }
    let title = scheduling.title
    log.info(
      "\(title.prefix(1).uppercased())\(title.dropFirst()) process has used too much CPU time,"
        + " \(timeLimitKeyword) may need to be increased")
  }
}
