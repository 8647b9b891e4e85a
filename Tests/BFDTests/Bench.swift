import BFDTestSupport
import Primitives
import Wire

@testable import BFD

/// Always the same number: discriminators that a test can know.
struct Constant: RandomNumberGenerator, Sendable {
  var value: UInt64
  mutating func next() -> UInt64 { value }
}

/// Counts: different discriminators, and jitter that hardly varies.
struct Counter: RandomNumberGenerator, Sendable {
  var value: UInt64 = 0x100
  mutating func next() -> UInt64 {
    value += 1
    return value
  }
}

enum Sample {
  static let ours = address("10.9.0.1")
  static let theirs = address("10.9.0.2")
  static let remote = Discriminator(rawValue: 0x1122_3344)

  static func address(_ text: String) -> IPAddress { IPAddress(parsing: text) ?? .ipv4(.any) }

  /// The session of the crafted packets.
  static func session(
    _ name: String = "s1", neighbor: IPAddress = theirs,
    _ change: (inout SessionConfiguration) -> Void = { _ in }
  ) -> SessionConfiguration {
    var session = SessionConfiguration(name: name, neighbor: neighbor)
    session.source = ours
    session.minRx = .milliseconds(200)
    session.minTx = .milliseconds(200)
    session.multiplier = 3
    change(&session)
    return session
  }
}

/// Sessions, a clock, and what came of them.
struct Bench {
  var core: BFDSessions
  var now = Instant.zero
  var effects: [Effect] = []
  var hasSockets = true
  /// How the neighbor's packets are.
  var remoteTx: UInt32 = 1_000_000
  var remoteRx: UInt32 = 200_000
  var remoteMultiplier: UInt8 = 3
  var port: UInt16 = 50000

  init(
    _ configurations: [SessionConfiguration] = [Sample.session()],
    random: any RandomNumberGenerator & Sendable = Counter(), hasSockets: Bool = true
  ) {
    core = BFDSessions(sessions: configurations, random: random)
    self.hasSockets = hasSockets
    perform { core, now, effects in core.start(at: now, into: &effects) }
  }

  var session: SessionStateMachine { core.sessions[0] }
  subscript(_ index: Int) -> SessionStateMachine { core.sessions[index] }

  mutating func forget() { effects = [] }

  /// Calls the core and opens the sockets that it wants.
  mutating func perform(_ body: (inout BFDSessions, Instant, inout [Effect]) -> Void) {
    var new: [Effect] = []
    body(&core, now, &new)
    effects += new
    for effect in new {
      guard case .session(let index, let effect) = effect else { continue }
      switch effect {
      case .openOutput, .keepOutput:
        core.handle(
          hasSockets ? .outputOpened : .outputFailed, session: index, at: now, into: &effects)
      case .sendPacket, .report, .deadline, .log: break
      }
    }
  }

  /// Lets time pass, with all timers.
  mutating func run(until end: Instant) {
    while let next = core.sessions.compactMap(\.deadline).min(), next <= end {
      now = max(now, next)
      fire()
    }
    now = end
  }

  mutating func run(for time: Microseconds) { run(until: now + time) }

  mutating func fire() {
    for index in core.sessions.indices {
      guard let deadline = core.sessions[index].deadline, deadline <= now else { continue }
      perform { core, now, effects in
        core.timerFired(session: SessionIndex(rawValue: index), at: now, into: &effects)
      }
    }
  }

  @discardableResult
  mutating func receive(
    _ octets: [UInt8], from source: IPAddress = Sample.theirs, to destination: IPAddress? = nil,
    hopLimit: UInt8? = 255, isMultihop: Bool = false
  ) -> Reception {
    var reception = Reception.discarded(.truncated)
    let metadata = ReceiveMetadata(
      source: source, sourcePort: port, destination: destination ?? Sample.ours,
      hopLimit: hopLimit, isMultihop: isMultihop)
    perform { core, now, effects in
      reception = core.receive(octets.span, from: metadata, at: now, into: &effects)
    }
    return reception
  }

  /// A packet of the neighbor of the first session, which knows our discriminator.
  @discardableResult
  mutating func receive(
    _ state: BFDState, _ flags: BFDFlags = [], diagnostic: BFDDiagnostic = .none,
    your: Discriminator? = nil
  ) -> Reception {
    var packet = BFDControlPacket(
      state: state, diagnostic: diagnostic, flags: flags, detectMultiplier: remoteMultiplier,
      myDiscriminator: Sample.remote, yourDiscriminator: your ?? session.localDiscriminator,
      desiredMinTxInterval: remoteTx, requiredMinRxInterval: remoteRx)
    packet.requiredMinEchoRxInterval = 50_000
    return receive(packet.octets, from: session.configuration.neighbor)
  }

  mutating func bringUp() {
    receive(.down, your: Discriminator.none)
    receive(.initialize)
  }

  mutating func reload(_ configurations: [SessionConfiguration]) {
    perform { core, now, effects in
      core.reload(core.plan(configurations), at: now, into: &effects)
    }
  }

  // MARK: What came of it

  var sent: [BFDControlPacket] {
    effects.compactMap { if case .session(_, .sendPacket(let packet)) = $0 { packet } else { nil } }
  }

  var reports: [SessionReport] {
    effects.compactMap { if case .session(_, .report(let report)) = $0 { report } else { nil } }
  }

  /// The log with `-D`, without the tables of parameters.
  var log: [String] {
    effects.flatMap { effect -> [String] in
      let trace: SessionTrace
      var name = ""
      switch effect {
      case .session(let index, .log(let written)):
        trace = written
        name = core.sessions[index.rawValue].configuration.name
      case .process(.log(let written)): trace = written
      case .session: return []
      }
      if trace.level == .fineDetail { return [] }
      if case .parameters = trace { return [] }
      return trace.lines(name)
    }
  }
}

extension BFDControlPacket {
  var octets: [UInt8] {
    var octets = [UInt8](repeating: 0xff, count: Self.length)
    var span = octets.mutableSpan
    encode(into: &span)
    return octets
  }
}
