import BFDTestSupport
import Primitives
import Testing
import Wire

@testable import BFD

@Suite("All sessions of a process")
struct SessionsTests {
  func packet(
    _ state: BFDState = .down, your: Discriminator = .none, my: UInt32 = 7
  ) -> [UInt8] {
    BFDControlPacket(
      state: state, detectMultiplier: 3, myDiscriminator: Discriminator(rawValue: my),
      yourDiscriminator: your, desiredMinTxInterval: 1_000_000, requiredMinRxInterval: 100_000
    ).octets
  }

  @Test("Discriminators are unique and not zero, whatever the generator")
  func unique() {
    let sessions = (0..<50).map { place in
      Sample.session("s\(place)", neighbor: Sample.address("10.9.1.\(place)"))
    }
    let bench = Bench(sessions, random: Constant(value: 0))
    let discriminators = Set(bench.core.sessions.map(\.localDiscriminator))
    #expect(discriminators.count == 50)
    #expect(!discriminators.contains(.none))
  }

  @Test("A packet without our discriminator is found by addresses and port")
  func lookup() {
    let other = Sample.address("10.9.0.9")
    var bench = Bench([
      Sample.session("single"),
      Sample.session("multi") { $0.isMultihop = true },
      Sample.session("source") {
        $0.neighbor = other
        $0.source = Sample.address("10.9.0.3")
      },
      Sample.session("any", neighbor: Sample.address("10.9.0.8")) { $0.source = nil },
    ])
    let index = { (place: Int) in Reception.accepted(SessionIndex(rawValue: place)) }
    #expect(bench.receive(packet()) == index(0))
    #expect(bench.receive(packet(), isMultihop: true) == index(1))
    #expect(bench.receive(packet(), from: other) == .discarded(.noSession))
    #expect(bench.receive(packet(), from: other, to: Sample.address("10.9.0.3")) == index(2))
    #expect(bench.receive(packet(), from: Sample.address("10.9.0.8")) == index(3))
    // With it, addresses do not matter.
    let your = bench[2].localDiscriminator
    #expect(bench.receive(packet(your: your), from: other, isMultihop: true) == index(2))
  }

  @Test("Hops are counted from the hop limit that we send with")
  func hops() {
    let cases: [(limit: UInt8, hops: UInt8, received: UInt8?, isAccepted: Bool)] = [
      (255, 0, 255, true), (255, 0, 254, false), (255, 0, nil, true), (255, 10, 245, true),
      (255, 10, 244, false), (3, 0, 3, true), (3, 0, 2, false), (3, 0, 255, true),
      (255, 255, 1, true), (64, 64, 0, true),
    ]
    for (limit, hops, received, isAccepted) in cases {
      var bench = Bench([
        Sample.session {
          $0.hopLimit = limit
          $0.maxHops = hops
        }
      ])
      let reception = bench.receive(packet(), hopLimit: received)
      #expect((reception != .discarded(.hopLimit)) == isAccepted, "\(limit) \(hops)")
    }
    let neighbor = Sample.address("2001:db8::2")
    var bench = Bench([Sample.session(neighbor: neighbor) { $0.source = nil }])
    bench.forget()
    bench.receive(packet(), from: neighbor, hopLimit: 63)
    #expect(bench.log == ["Packet hop_limit(63) < 64 - discarding"])
  }

  @Test("Every rule has a counter, and the log is not flooded")
  func flood() {
    var bench = Bench()
    bench.forget()
    for _ in 0..<1000 { bench.receive([1, 2, 3]) }
    for _ in 0..<1000 { bench.receive(packet(), hopLimit: 1) }
    #expect(bench.core.discards[.tooSmall] == 1000)
    #expect(bench.core.discards[.hopLimit] == 1000)
    #expect(bench.session.statistics.discards[.hopLimit] == 1000)
    #expect(bench.log.count == 10 * 2 + 10)
    bench.forget()
    bench.run(for: .seconds(2))
    bench.forget()
    bench.receive([1, 2, 3])
    #expect(bench.log.first == "990 more packets discarded for the same reason (tooSmall)")
    #expect(bench.log.count == 3)
  }

  @Test("Any bit may be wrong: a packet is discarded by a rule or accepted, never more")
  func mutations() {
    var bench = Bench()
    var count: UInt64 = 0
    for captured in CapturedPackets.captured {
      for bit in 0..<captured.octets.count * 8 {
        var octets = captured.octets
        octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        bench.receive(octets)
        count += 1
      }
      for length in 0..<captured.octets.count {
        #expect(bench.receive(Array(captured.octets[..<length])) == .discarded(.tooSmall))
        count += 1
      }
      bench.forget()
      bench.run(for: .milliseconds(100))
    }
    #expect(bench.core.discards.total + bench.session.statistics.packetsReceived == count)
  }

  @Test("A change of one bit of the header is found by the rule that it breaks")
  func rules() {
    var octets = packet(.initialize, your: Discriminator(rawValue: 1), my: 0x80)
    let expected: [(bit: Int, rule: DiscardRule?)] = [
      (0, .version), (1, .version), (2, .version), (3, .diagnostic), (4, nil),
      (13, .authentication),
      (15, .multipoint), (27, .lengthMismatch), (56, .myDiscriminatorZero),
      (95, .yourDiscriminatorZero), (94, .noSession),
    ]
    for (bit, rule) in expected {
      var bench = Bench(random: Constant(value: 1))
      octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
      let reception = bench.receive(octets)
      #expect(
        reception == rule.map { .discarded($0) } ?? .accepted(SessionIndex(rawValue: 0)), "\(bit)")
      octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
    }
    var bench = Bench(random: Constant(value: 1))
    octets[2] = 0
    #expect(bench.receive(octets) == .discarded(.multiplierZero))
    octets[2] = 3
    octets[1] |= 0x30
    #expect(bench.receive(octets) == .discarded(.pollAndFinal))
    #expect(bench.receive([UInt8](repeating: 0, count: 33)) == .discarded(.truncated))
  }

  @Test("Wrong indices do nothing")
  func indices() {
    var bench = Bench()
    bench.forget()
    for raw in [-1, 1, 1000] {
      let index = SessionIndex(rawValue: raw)
      bench.perform { $0.timerFired(session: index, at: $1, into: &$2) }
      bench.perform { $0.handle(.outputOpened, session: index, at: $1, into: &$2) }
    }
    #expect(bench.effects == [])
  }
}
