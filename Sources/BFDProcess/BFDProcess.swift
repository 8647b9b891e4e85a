// This target is the BFD child: it finds dead paths for the others within milliseconds.
//
// `BFDProcess` owns the sockets and hands packets and timers to the pure core (`BFDSessions`),
// whose effects it carries out in order (BFDProcess+Effects). `BFDListeners` are the two
// sockets that packets come in by; each session sends by a socket of its own. The others hear of
// each change by the pipes of `SessionChannels`, and of all sessions when they ask.
//
// Standards: RFC 5880, RFC 5881 (single hop), RFC 5883 (multihop).
//
// What must never happen: a session that falls because this process stood still while packets
// waited; a port of another program that ends this one.
import BFD
package import Configuration
import EventLoop
import Introspection
package import Kernel
import Logging
package import Primitives
package import ProcessFrame
package import SystemIO
import Wire

/// The BFD child: owns the sockets, hands packets and timers to the protocol core, and carries out
/// its effects.
package final class BFDProcess {
  let context: ChildContext
  private let frame: ProcessFrame
  let loop: EventLoop
  let log: Log
  let listeners: BFDListeners
  let effects = EffectQueue<Effect>()
  var core = BFDSessions(sessions: [], random: KernelRandom())
  var outputs: [FileDescriptorBox?] = []
  /// Those of the configuration before, while a reload replaces it.
  var oldOutputs: [FileDescriptorBox?] = []
  var timers: [EventLoop.Timer] = []

  /// A descriptor in an array.
  final class FileDescriptorBox {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Runs the child; its exit status.
  package static func run(_ context: ChildContext) -> Int32 {
    ChildFrame.run(.bfd, context) { BFDProcess($0) }
  }

  init(_ frame: ChildFrame) {
    context = frame.context
    self.frame = frame.frame
    log = context.log
    loop = frame.frame.loop
    listeners = BFDListeners(loop: loop, log: log)
    listeners.received = { [unowned self] in received($0, $1, isMultihop: $2) }
  }

  /// What goes by the index of a session.
  private func install(count: Int) {
    for timer in timers { loop.discard(timer) }
    timers = (0..<count).map { loop.makeTimer(self, token: $0) }
    outputs = Array(repeating: nil, count: count)
    Resources.raiseDescriptorLimit(to: UInt(count + 64))
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
    core.receive(packet, from: metadata, at: Clock.now, into: &effects.pending)
    perform()
  }
}

extension BFDProcess: Child {
  /// BFD looks at no interface.
  package var interfaces: [NetworkInterface] { [] }

  package func start() throws(StartFailure) {
    do throws(Errno) {
      _ = try loop.watch(context.sessions.requests.descriptor.rawValue, self)
    } catch { throw StartFailure(error) }
    let sessions = SessionConfiguration.all(in: context.configuration)
    core = BFDSessions(sessions: sessions, random: KernelRandom())
    install(count: sessions.count)
    core.start(at: Clock.now, into: &effects.pending)
    perform()
    listeners.update(for: sessions)
  }

  /// A new configuration while sessions go on.
  package func reload(from old: Configuration) {
    let started = Clock.now
    let sessions = SessionConfiguration.all(in: context.configuration)
    let plan = core.plan(sessions)
    oldOutputs = outputs
    install(count: sessions.count)
    core.reload(plan, at: Clock.now, into: &effects.pending)
    perform()
    oldOutputs = []
    listeners.update(for: sessions)
    log.info("Reload finished in \((Clock.now - started).count) usec")
  }

  /// No packet says farewell: neighbors notice by their detection time.
  package func stop() {
    core.shutdown(at: Clock.now, into: &effects.pending)
    perform()
    listeners.closeAll()
    frame.finish()
  }

  package func cleanUp() {}

  package func wokeLate(by lateness: Microseconds) {
    core.wokeLate(by: lateness, at: loop.now, into: &effects.pending)
    perform()
  }

  package func dump(_ request: DumpRequest) {
    guard request == .data else { return }
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
}

extension BFDProcess: TimerHandler {
  package func timerFired(token: Int, at now: Instant) {
    // By the turn's time: what came in since has not been read.
    core.timerFired(session: SessionIndex(rawValue: token), at: now, into: &effects.pending)
    perform()
  }
}

extension BFDProcess: ReadinessHandler {
  /// A process that follows sessions has begun: it must hear where they stand.
  package func ready(_ readiness: Readiness, token: Int) {
    guard context.sessions.requests.take() > 0 else { return }
    for session in core.sessions {
      report(session.reported == .up, of: session.configuration)
    }
  }
}
