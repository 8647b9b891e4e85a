import BFD
import Primitives
import Wire

/// Packets of any content, at any time, to BFD sessions.
///
/// Steps of the input: an octet that says how many times four milliseconds pass, one that says how
/// the datagram came, one with its length, and the datagram.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  var bench = Bench()
  var rest = bytes[...]
  while rest.count >= 3 {
    let start = rest.startIndex
    let length = Int(rest[start + 2])
    bench.run(for: .milliseconds(4) * Int64(rest[start]))
    let how = rest[start + 1]
    rest = rest.dropFirst(3)
    bench.receive(Array(rest.prefix(length)), how)
    rest = rest.dropFirst(length)
  }
  bench.shutDown()
  return 0
}

private struct Bench {
  var sessions: BFDSessions
  var now = Instant.zero
  var effects: [Effect] = []

  init() {
    sessions = BFDSessions(sessions: Configurations.all, random: Counter())
    sessions.start(at: now, into: &effects)
    perform()
  }

  private func deadline(_ index: Int) -> Instant {
    sessions.sessions[index].deadline ?? .distantFuture
  }

  /// Lets time pass, with the timers that are due meanwhile.
  mutating func run(for time: Microseconds) {
    let end = now + time
    // Timers that arm themselves anew at once would never end.
    for _ in 0..<4096 {
      let first = sessions.sessions.indices.min { deadline($0) < deadline($1) }
      guard let first, deadline(first) <= end else {
        now = end
        return
      }
      now = max(now, deadline(first))
      sessions.timerFired(session: SessionIndex(rawValue: first), at: now, into: &effects)
      perform()
    }
    preconditionFailure("timers never come to rest")
  }

  /// The low bits of `how` choose the session that is meant; the others say what is wrong.
  mutating func receive(_ octets: [UInt8], _ how: UInt8) {
    let index = Int(how & 3) % sessions.sessions.count
    let session = sessions.sessions[index]
    var packet = octets
    if how & 4 == 0, packet.count >= 12 {
      // Chance does not find it.
      var span = packet.mutableSpan
      span.store(session.localDiscriminator.rawValue, at: 8)
    }
    let metadata = ReceiveMetadata(
      source: how & 8 == 0 ? session.configuration.neighbor : .ipv4(.any), sourcePort: 49152,
      destination: session.configuration.source, hopLimit: how & 16 == 0 ? 255 : how,
      isMultihop: session.configuration.isMultihop != (how & 32 != 0), isTruncated: how & 64 != 0)
    let reception = sessions.receive(packet.span, from: metadata, at: now, into: &effects)
    if case .accepted = reception { precondition(packet.count >= BFDControlPacket.length) }
    perform()
  }

  mutating func shutDown() {
    sessions.shutdown(at: now, into: &effects)
    for session in sessions.sessions {
      precondition(session.deadline == nil, "a timer after the end")
    }
  }

  private mutating func perform() {
    var next = 0
    while next < effects.count {
      precondition(effects.count < 10_000, "no end of effects")
      let effect = effects[next]
      next += 1
      switch effect {
      case .session(_, .log(let trace)), .process(.log(let trace)): check(trace)
      case .session(let index, .openOutput), .session(let index, .keepOutput):
        sessions.handle(.outputOpened, session: index, at: now, into: &effects)
      case .session(_, .sendPacket(let packet)): check(packet)
      case .session(_, .report), .session(_, .deadline): break
      }
    }
    effects.removeAll(keepingCapacity: true)
    for session in sessions.sessions where session.state == .up || session.state == .initialize {
      precondition(session.deadline != nil, "nobody would notice the end")
    }
  }

  private func check(_ trace: SessionTrace) {
    let texts = trace.lines("a")
    precondition(!texts.contains { $0.utf8.contains { $0 < 32 } }, "a control character")
  }

  /// What is sent can be read, and nothing in it is forbidden (RFC 5880 6.8.6).
  private func check(_ packet: BFDControlPacket) {
    var octets = [UInt8](repeating: 0, count: BFDControlPacket.length)
    var span = octets.mutableSpan
    packet.encode(into: &span)
    precondition((try? BFDControlPacket(decoding: octets.span)) == packet)
    precondition(packet.detectMultiplier > 0 && packet.myDiscriminator != .none)
    precondition(packet.yourDiscriminator != .none || packet.state != .up)
    precondition(!packet.flags.isSuperset(of: [.poll, .final]))
  }
}

/// No chance at all: a finding is found again.
private struct Counter: RandomNumberGenerator, Sendable {
  var state: UInt64 = 0

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9
    return state
  }
}

private enum Configurations {
  static let all: [SessionConfiguration] = [
    session("a", "10.0.0.2") { _ in },
    session("b", "10.0.0.3") {
      $0.isPassive = true
      $0.maxHops = 3
      $0.multiplier = 1
    },
    session("c", "fe80::2") {
      $0.isMultihop = true
      $0.maxHops = 255
      $0.minRx = .milliseconds(100)
      $0.minTx = .milliseconds(300)
    },
  ]

  private static func session(
    _ name: String, _ neighbor: String, change: (inout SessionConfiguration) -> Void
  ) -> SessionConfiguration {
    var session = SessionConfiguration(
      name: name, neighbor: IPAddress(parsing: neighbor) ?? .ipv4(.any))
    change(&session)
    return session
  }
}
