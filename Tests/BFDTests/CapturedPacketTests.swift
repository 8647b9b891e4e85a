import BFDTestSupport
import Primitives
import Testing
import Wire

@testable import BFD

@Suite("Captured packets")
struct CapturedPacketTests {
  /// The configuration of the sender.
  static func configuration(_ packet: CapturedPacket) -> SessionConfiguration {
    Sample.session("s1") { session in
      switch (packet.name.split(separator: "-").dropFirst().first, packet.sender) {
      case ("active", "A"):
        session.minRx = .milliseconds(100)
        session.minTx = Microseconds(50_500)
      case ("active", _):
        session.minRx = .milliseconds(80)
        session.minTx = .milliseconds(isReloaded(packet) ? 120 : 70)
        session.idleTx = .milliseconds(1500)
        session.multiplier = 4
      case ("multihop", "A"):
        session.minRx = .milliseconds(300)
        session.minTx = .milliseconds(300)
        session.idleTx = .seconds(2)
        session.multiplier = 2
      case ("multihop", _):
        session.minRx = .milliseconds(400)
        session.minTx = .seconds(1)
        session.multiplier = 5
      case ("after", _):
        session.minRx = .milliseconds(10)
        session.multiplier = 5
      case ("singlehop", "A"):
        session.minRx = Microseconds(1500)
        session.minTx = .seconds(1)
        session.multiplier = 5
      case ("singlehop", "B"):
        session.minRx = .milliseconds(500)
        session.minTx = .milliseconds(500)
        session.multiplier = 5
      default: session.minTx = .milliseconds(150)
      }
    }
  }

  /// Near the end of the first scenario B has another `min_tx`.
  static func isReloaded(_ packet: CapturedPacket) -> Bool {
    packet.name.hasSuffix("22-B-up-poll") || packet.name.hasSuffix("24-B-up")
  }

  /// Leads a session to the state in which the packet was sent.
  static func bench(_ captured: CapturedPacket, _ packet: BFDControlPacket) -> Bench {
    let isAfterFailure = packet.diagnostic == .administrativelyDown
    var bench = Bench(
      [configuration(captured)], random: Constant(value: UInt64(packet.myDiscriminator.rawValue)),
      hasSockets: !isAfterFailure)
    func receive(_ state: BFDState, _ flags: BFDFlags = [], your: Discriminator? = nil) {
      var peer = BFDControlPacket(
        state: state, flags: flags, detectMultiplier: 3,
        myDiscriminator: packet.yourDiscriminator == .none
          ? Sample.remote : packet.yourDiscriminator,
        yourDiscriminator: your ?? bench.session.localDiscriminator,
        desiredMinTxInterval: 1_000_000, requiredMinRxInterval: 100_000)
      peer.requiredMinEchoRxInterval = 50_000
      bench.receive(peer.octets)
    }
    switch (packet.state, packet.diagnostic) {
    case (.adminDown, _), (.down, .none): break
    case (.down, .administrativelyDown):
      bench.hasSockets = true
      bench.run(for: .seconds(60))
    case (.initialize, _): receive(.down, your: Discriminator.none)
    case (.down, .detectionTimeExpired):
      receive(.down, your: Discriminator.none)
      receive(.up)
      bench.run(until: (bench.session.detectionDeadline ?? .zero) - Microseconds(1))
    case (.down, _):
      receive(.down, your: Discriminator.none)
      receive(.up)
      receive(.down)
      if packet.yourDiscriminator == .none {
        bench.run(until: bench.session.resetDeadline ?? .zero)
      }
    case (.up, _):
      receive(.down, your: Discriminator.none)
      if packet.flags == .final {
        bench.forget()
        receive(.up, .poll)
      } else {
        receive(.up)
        if packet.flags == [] { receive(.up, .final) }
      }
    }
    return bench
  }

  @Test("A session of the same configuration sends the captured octets")
  func encode() throws {
    for captured in CapturedPackets.captured where captured.isFromKeepalived {
      let packet = try BFDControlPacket(decoding: captured.octets.span)
      var bench = Self.bench(captured, packet)
      if packet.flags != .final && packet.state != .down || packet.diagnostic != .none {
        bench.forget()
        bench.run(for: .seconds(3))
      }
      #expect(bench.sent.first?.octets == captured.octets, "\(captured.name)")
    }
  }

  @Test("A session accepts the captured octets of its neighbor")
  func receive() throws {
    for captured in CapturedPackets.captured {
      let packet = try BFDControlPacket(decoding: captured.octets.span)
      var bench = Bench(
        random: Constant(
          value: packet.yourDiscriminator == .none
            ? 1 : UInt64(packet.yourDiscriminator.rawValue)))
      bench.receive(.down)
      if packet.state == .up { bench.receive(.initialize) }
      bench.forget()
      let reception = bench.receive(captured.octets)
      #expect(reception == .accepted(SessionIndex(rawValue: 0)), "\(captured.name)")
      #expect(bench.session.remoteDiscriminator == packet.myDiscriminator)
      #expect(bench.session.remoteState == packet.state)
      #expect(bench.session.remoteMinTx.count == Int64(packet.desiredMinTxInterval))
      #expect(bench.session.remoteMinRx.count == Int64(packet.requiredMinRxInterval))
      let isPoll = packet.flags.contains(.poll)
      #expect(bench.sent.map(\.flags) == (isPoll ? [.final] : []), "\(captured.name)")
    }
  }
}
