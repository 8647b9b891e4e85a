import BFDTestSupport
import Primitives
import Testing
import Wire

@testable import BFD

/// Each crafted packet has the reaction that the reference showed.
@Suite("Crafted packets")
struct CraftedPacketTests {
  /// A session in the state before, with the discriminator that the packet is for.
  func bench(_ crafted: CraftedPacket) throws -> Bench {
    let reply = try crafted.reply.map { try BFDControlPacket(decoding: $0.span) }
    let packet = try? BFDControlPacket(decoding: crafted.octets.span)
    let isUnknown = crafted.name == "rx-unknown-your-discr"
    var discriminator = reply?.myDiscriminator ?? Discriminator(rawValue: 0x5555)
    if !isUnknown, let packet, packet.yourDiscriminator != .none {
      discriminator = packet.yourDiscriminator
    }
    var bench = Bench(random: Constant(value: UInt64(discriminator.rawValue)))
    if crafted.name == "rx-up-demand-poll" { bench.remoteTx = 500_000 }
    if crafted.before != "Down" {
      bench.receive(.down, your: Discriminator.none)
    } else if crafted.octets.isEmpty || crafted.log.allSatisfy({ !$0.contains("Detection") }) {
      // Not the first packet of its kind: the detection time is known.
      if crafted.isAccepted { bench.receive(.up) }
    }
    if crafted.before == "Up" {
      bench.receive(.initialize)
      if crafted.name == "rx-up-demand-poll" { bench.receive(.up, .final) }
    }
    #expect(bench.session.state.description == crafted.before)
    if let reply { bench.core.environment.random = Constant(value: UInt64(reply.my)) }
    bench.forget()
    return bench
  }

  @Test("Verdict, state, log and reply are those of the reference")
  func crafted() throws {
    for crafted in CapturedPackets.crafted {
      var bench = try bench(crafted)
      if crafted.octets.isEmpty {
        // No packet: Init expires.
        bench.run(until: bench.session.detectionDeadline ?? .zero)
        bench.forget()
      } else {
        let reception = bench.receive(crafted.octets, hopLimit: crafted.hopLimit)
        let isAccepted = reception == .accepted(SessionIndex(rawValue: 0))
        #expect(isAccepted == crafted.isAccepted, "\(crafted.name)")
        #expect(bench.log == crafted.log, "\(crafted.name)")
        #expect(bench.core.discards.total == (crafted.isAccepted ? 0 : 1))
      }
      #expect(bench.session.state.description == crafted.after, "\(crafted.name)")
      guard let reply = crafted.reply else { continue }
      if !bench.sent.contains(where: { $0.octets == reply }) { bench.run(for: .seconds(3)) }
      if bench.sent.first?.octets != reply {
        Issue.record("\(crafted.name): \(bench.sent.first?.octets ?? [])")
      }
    }
  }

  @Test("A neighbor that is switched off is no failure of the path")
  func adminDown() {
    var bench = Bench()
    bench.bringUp()
    bench.forget()
    bench.receive(.adminDown)
    #expect(bench.session.state == .down)
    #expect(bench.reports == [])
    #expect(bench.session.reported == .up)
    bench.reload([Sample.session()])
    #expect(bench.reports == [.up])
    bench.receive(.down)
    bench.receive(.initialize)
    #expect(bench.reports == [.up, .up])
  }
}

extension BFDControlPacket {
  fileprivate var my: UInt32 { myDiscriminator.rawValue }
}
