import BFD
package import ProcessFrame
import Configuration
import ConfigurationSyntax
import EventLoop
import Host
import Introspection
import Logging
import Primitives
import SystemIO
import Wire

/// The BFD child: owns the loop and the sockets, hands packets and timers to the protocol core, and
/// carries out its effects.
package final class BFDProcess {
  let context: ChildContext
  let loop: EventLoop
  let log: Log
  let listeners: ControlListeners
  var core: BFDSessions
  var outputs: [FileDescriptorBox?] = []
  /// Those of the configuration before, while a reload replaces it.
  var oldOutputs: [FileDescriptorBox?] = []
  var timers: [EventLoop.Timer] = []
  var effects: [Effect] = []
  private var autoPriority: AutoPriority?

  /// A descriptor in an array.
  final class FileDescriptorBox {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Runs the child; its exit status.
  package static func run(_ context: ChildContext) -> Int32 {
    if let refusal = context.outcome.refusals.first(where: { $0.view == .bfd }) {
      return refusal.exitStatus
    }
    do throws(Errno) {
      return try BFDProcess(context).run()
    } catch {
      context.log.error("The BFD process cannot run - \(error)")
      return ChildExit.fatal.rawValue
    }
  }

  private init(_ context: ChildContext) throws(Errno) {
    self.context = context
    log = context.log
    loop = try EventLoop()
    listeners = ControlListeners(loop: loop, log: log)
    core = BFDSessions(sessions: [], random: KernelRandom())
  }

  private func run() throws(Errno) -> Int32 {
    do throws(PidFile.Failure) { try context.writePidFile() } catch {
      log.info("BFD child process: cannot write pidfile")
      return ChildExit.normal.rawValue
    }
    let signals = try watchSignals()
    let global = context.configuration.global
    loop.lateness = global.minAutoPriorityDelay
    loop.wokeLate = { [unowned self] lateness in
      log.info(Lateness.text(lateness))
      autoPriority?.wokeLate()
    }
    listeners.received = { [unowned self] in received($0, $1, isMultihop: $2) }
    _ = try loop.watch(context.sessions.requests.descriptor.rawValue, self)
    start()
    ChildScheduling.apply(global.bfdProcess, name: "BFD", log: log)
    autoPriority = AutoPriority(global, global.bfdProcess, log: log)
    Resources.raiseDescriptorLimit(to: UInt(core.sessions.count + 64))
    context.acknowledge()
    releaseStartupMemory()
    try loop.run()
    withExtendedLifetime(signals) {}
    context.removePidFile()
    log.info("Stopped")
    return ChildExit.normal.rawValue
  }

  func releaseStartupMemory() {
    Memory.releaseStartup()
    loop.after(.seconds(15)) { Memory.releaseStartup() }
  }

  private func watchSignals() throws(Errno) -> SignalWatch {
    var handled = [Signal.hangUp, Signal.terminate, Signal.user1, Signal.processorTime]
    if !context.options.ignoresInterrupt { handled.append(Signal.interrupt) }
    return try SignalWatch(handled, on: loop) { [unowned self] in signalled($0) }
  }

  private func signalled(_ number: Int32) {
    switch number {
    case Signal.hangUp:
      autoPriority?.reset()
      reload()
    case Signal.terminate, Signal.interrupt: stop()
    case Signal.processorTime:
      log.info("BFD process has used too much CPU time, bfd_rlimit_rttime may need to be increased")
    case Signal.user1: writeDump()
    default: break
    }
  }

  private func start() {
    let sessions = SessionConfiguration.all(in: context.configuration)
    core = BFDSessions(sessions: sessions, random: KernelRandom())
    install(count: sessions.count)
    core.start(at: Clock.now, into: &effects)
    perform()
    listeners.update(for: sessions)
  }

  /// What goes by the index of a session.
  func install(count: Int) {
    for timer in timers { loop.discard(timer) }
    timers = (0..<count).map { loop.makeTimer(self, token: $0) }
    outputs = Array(repeating: nil, count: count)
  }

  private func writeDump() {
    log.info("Printing BFD data for process(\(Processes.current)) on signal")
    let global = context.configuration.global
    let wall = Clock.wall
    var dump = GlobalDump.text(global, .init(umask: FileSystem.currentMask))
    dump.append(
      BFDDump.text(
        core, listeners: listeners.descriptors,
        outputs: outputs.map { .init(descriptor: $0?.descriptor.rawValue) },
        at: .init(
          now: Clock.now, wall: wall.seconds * 1_000_000 + wall.nanoseconds / 1000,
          date: { Clock.localTime("%a %b %d %H:%M:%S %Y", seconds: $0) })))
    let path = DumpFile.path(.bfd, global, temporaryDirectory: TemporaryDirectory.path)
    DumpFile.write(dump, to: path, log: log)
  }

  /// No packet says farewell: neighbors notice by their detection time.
  private func stop() {
    core.shutdown(at: Clock.now, into: &effects)
    perform()
    listeners.closeAll()
    loop.stop()
  }

  // MARK: Packets

  private func received(
    _ packet: Span<UInt8>, _ envelope: DatagramBatch.Envelope, isMultihop: Bool
  ) {
    guard let source = envelope.source else { return }
    let metadata = ReceiveMetadata(
      source: source.unmapped, sourcePort: envelope.sourcePort,
      destination: envelope.destination.map { IPAddress.ipv6($0).unmapped },
      hopLimit: envelope.hopLimit, isMultihop: isMultihop,
      isTruncated: envelope.truncatedFrom != nil)
    core.receive(packet, from: metadata, at: Clock.now, into: &effects)
    perform()
  }
}

extension BFDProcess: TimerHandler {
  func timerFired(token: Int, at now: Instant) {
    // A packet that waits in its socket shows that the neighbor was there.
    if loop.turnLateness > Self.tolerance { listeners.drain() }
    core.timerFired(session: SessionIndex(rawValue: token), at: Clock.now, into: &effects)
    perform()
  }

  private static let tolerance = Microseconds(500)
}

extension BFDProcess: ReadinessHandler {
  /// A process that follows sessions has begun: it must hear where they stand.
  func ready(_ readiness: Readiness, token: Int) {
    guard context.sessions.requests.take() > 0 else { return }
    for session in core.sessions {
      report(session.reported == .up, of: session.configuration)
    }
  }
}
