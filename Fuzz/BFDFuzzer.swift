import BFD
import Primitives
import Wire

/// Any bytes as one packet, and as a sequence of packets to two sessions while time passes: an octet
/// for the length, one for the hop limit and for what happens besides, then the packet. What is
/// accepted has to be lossless, every packet counted once, and every deadline in the future.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  checkCodec(bytes)
  checkSequence(bytes)
  return 0
}

private func checkCodec(_ bytes: [UInt8]) {
  guard let packet = try? BFDControlPacket(decoding: bytes.span) else { return }
  var copy = [UInt8](repeating: 0, count: BFDControlPacket.length)
  var span = copy.mutableSpan
  packet.encode(into: &span)
  precondition(copy == Array(bytes.prefix(BFDControlPacket.length)), "a packet lost something")
}

/// Always the same: the first session has the discriminator 1.
private struct One: RandomNumberGenerator, Sendable {
  mutating func next() -> UInt64 { 1 }
}

private func checkSequence(_ bytes: [UInt8]) {
  let neighbor = IPAddress.ipv4(IPv4Address(10, 0, 0, 2))
  var passive = SessionConfiguration(name: "p", neighbor: neighbor)
  passive.isPassive = true
  passive.isMultihop = true
  passive.maxHops = 255
  let configurations = [SessionConfiguration(name: "a", neighbor: neighbor), passive]
  var core = BFDSessions(sessions: configurations, random: One())
  var now = Instant.zero
  var effects: [Effect] = []
  core.start(at: now, into: &effects)
  var packets: UInt64 = 0
  var rest = bytes[...]
  while rest.count >= 2 {
    let length = Int(rest.removeFirst() & 0x3f)
    let control = rest.removeFirst()
    let packet = Array(rest.prefix(length))
    rest = rest.dropFirst(length)
    now = now + Microseconds(Int64(control) * 1000)
    act(control, &core, configurations, now, &effects)
    let metadata = ReceiveMetadata(
      source: neighbor, hopLimit: control & 1 == 0 ? 255 : control,
      isMultihop: control & 2 != 0)
    core.receive(packet.span, from: metadata, at: now, into: &effects)
    packets += 1
    let accepted = core.sessions.reduce(0) { $0 + $1.statistics.packetsReceived }
    precondition(core.discards.total + accepted == packets, "a packet was not counted")
    for effect in effects {
      if case .log(let trace) = effect.action { _ = trace.lines("a") }
    }
    effects = []
  }
}

private func act(
  _ control: UInt8, _ core: inout BFDSessions, _ configurations: [SessionConfiguration],
  _ now: Instant, _ effects: inout [Effect]
) {
  let session = SessionIndex(rawValue: Int(control & 1))
  switch control >> 5 {
  case 0, 1: core.handle(.outputOpened, session: session, at: now, into: &effects)
  case 2: core.handle(.outputFailed, session: session, at: now, into: &effects)
  case 3: core.reload(core.plan(configurations), at: now, into: &effects)
  default:
    for index in core.sessions.indices {
      core.timerFired(session: SessionIndex(rawValue: index), at: now, into: &effects)
      if let deadline = core.sessions[index].deadline {
        precondition(deadline > now, "a timer fires for ever")
      }
    }
  }
}
