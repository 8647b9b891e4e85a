import Primitives
import Testing
import Wire

@testable import BFD

@Suite("One session")
struct SessionTests {
  @Test("Two sessions greet each other as the RFC has it")
  func greeting() {
    var bench = Bench()
    #expect(bench.sent.map(\.state) == [.down])
    #expect(bench.sent[0].yourDiscriminator == .none)
    #expect(bench.reports == [.down])
    bench.forget()
    bench.receive(.down, your: Discriminator.none)
    #expect(bench.session.state == .initialize)
    #expect(bench.sent == [])
    bench.receive(.up, .poll)
    #expect(bench.session.state == .up)
    #expect(bench.reports == [.up])
    // The own poll is absorbed by the answer.
    #expect(bench.sent.map(\.flags) == [.final])
    #expect(bench.sent[0].desiredMinTxInterval == 200_000)
    bench.forget()
    bench.run(for: .milliseconds(200))
    #expect(bench.sent.map(\.flags) == [[]])
  }

  @Test("A poll goes on with every periodic packet until the answer")
  func poll() {
    var bench = Bench()
    bench.bringUp()
    bench.forget()
    bench.run(for: .seconds(1))
    #expect(bench.sent.count >= 5)
    #expect(bench.sent.allSatisfy { $0.flags == .poll })
    bench.receive(.up, .final)
    bench.forget()
    bench.run(for: .milliseconds(400))
    #expect(bench.sent.allSatisfy { $0.flags == [] })
  }

  @Test("An interval is 75 to 90 percent of what was agreed on")
  func jitter() {
    var bench = Bench(random: SystemRandomNumberGenerator())
    bench.remoteRx = 300_000
    bench.bringUp()
    var last = bench.session.transmitDeadline ?? .zero
    for _ in 0..<200 {
      bench.receive(.up)
      bench.now = last
      bench.fire()
      let next = bench.session.transmitDeadline ?? .zero
      #expect((225_000...270_000).contains((next - last).count))
      last = next
    }
  }

  @Test("Silence for the detection time takes it down, and everybody is told")
  func detection() {
    var bench = Bench()
    bench.bringUp()
    bench.remoteTx = 300_000
    bench.receive(.up, .final)
    bench.run(for: .milliseconds(500))
    bench.receive(.up)
    let last = bench.now
    #expect(bench.session.detectionTime == .milliseconds(900))
    #expect(bench.session.detectionDeadline == last + .milliseconds(900))
    bench.forget()
    bench.run(until: last + .milliseconds(900) - Microseconds(1))
    #expect(bench.session.state == .up)
    bench.forget()
    bench.now = last + Microseconds(900_025)
    bench.fire()
    #expect(bench.session.state == .down)
    #expect(bench.reports == [.down])
    #expect(
      bench.log == [
        "(s1) Expired after 900 ms (25 usec overdue)",
        "(s1) Entering Down state (Local diagnostic - Control Detection Time Expired, Remote"
          + " diagnostic - No Diagnostic)",
      ])
    #expect(bench.session.remoteDiscriminator == .none)
    #expect(bench.session.statistics.detectionTimeExpired == 1)
  }

  @Test("The discriminator changes on leaving Up, and only then")
  func discriminator() {
    var bench = Bench()
    let first = bench.session.localDiscriminator
    bench.receive(.down, your: Discriminator.none)
    bench.run(until: bench.session.detectionDeadline ?? .zero)
    #expect(bench.session.state == .down)
    #expect(bench.session.localDiscriminator == first)
    bench.bringUp()
    bench.receive(.down)
    #expect(bench.session.localDiscriminator != first)
    #expect(bench.receive(.down, your: first) == .discarded(.noSession))
  }

  @Test("Init lasts as long as packets come, and ends with them")
  func initExpires() {
    var bench = Bench()
    bench.receive(.down, your: Discriminator.none)
    for _ in 0..<8 {
      bench.run(for: .milliseconds(500))
      bench.receive(.down)
    }
    #expect(bench.session.state == .initialize)
    bench.run(for: .milliseconds(2999))
    #expect(bench.session.state == .initialize)
    bench.run(for: .milliseconds(1))
    #expect(bench.session.state == .down)
    #expect(bench.session.localDiagnostic == .detectionTimeExpired)
  }

  @Test("After a detection time in Down the neighbor is forgotten, the diagnostic is not")
  func reset() {
    var bench = Bench()
    bench.bringUp()
    bench.receive(.down)
    #expect(bench.session.remoteDiscriminator == Sample.remote)
    bench.run(for: .milliseconds(3000))
    #expect(bench.session.remoteDiscriminator == .none)
    #expect(bench.session.localDiagnostic == .neighborSignaledDown)
    #expect(bench.session.remoteMinTx == .seconds(1))
  }

  @Test("A passive session is silent until it hears something, and again when it is down")
  func passive() {
    var bench = Bench([Sample.session { $0.isPassive = true }])
    bench.run(for: .seconds(10))
    #expect(bench.sent == [])
    bench.bringUp()
    bench.run(for: .milliseconds(200))
    #expect(bench.sent.map(\.state) == [.up])
    bench.receive(.down)
    bench.forget()
    bench.run(for: .seconds(10))
    #expect(bench.sent == [])
  }

  @Test("A neighbor that demands it gets no periodic packets, but answers")
  func demand() {
    var bench = Bench()
    bench.bringUp()
    bench.receive(.up, .demand)
    bench.run(for: .seconds(1))
    #expect(!bench.sent.isEmpty)  // a poll is still to be answered
    bench.receive(.up, [.final, .demand])
    bench.forget()
    bench.run(for: .milliseconds(2000))
    #expect(bench.sent == [])
    bench.receive(.up, [.poll, .demand])
    #expect(bench.sent.map(\.flags) == [.final])
    bench.receive(.up)
    bench.forget()
    bench.run(for: .milliseconds(200))
    #expect(bench.sent.count == 1)
  }

  @Test("On becoming Up the fast interval begins at once")
  func speed() {
    var bench = Bench()
    bench.bringUp()
    #expect(bench.session.transmitInterval == .milliseconds(200))
    let wait = (bench.session.transmitDeadline ?? .distantFuture) - bench.now
    #expect(wait <= .milliseconds(180))
  }

  @Test("A slower interval waits for the end of the poll sequence")
  func slower() {
    var bench = Bench()
    bench.remoteTx = 200_000
    bench.bringUp()
    bench.receive(.up, .final)
    bench.reload([
      Sample.session {
        $0.minTx = .seconds(2)
        $0.minRx = .milliseconds(100)
      }
    ])
    #expect(bench.session.state == .up)
    bench.receive(.up)
    #expect(bench.session.transmitInterval == .milliseconds(200))
    #expect(bench.session.detectionTime == .milliseconds(600))
    #expect(bench.session.packet([]).desiredMinTxInterval == 2_000_000)
    #expect(bench.session.packet([]).requiredMinRxInterval == 100_000)
    bench.remoteTx = 100_000
    bench.receive(.up, .final)
    #expect(bench.session.transmitInterval == .seconds(2))
    #expect(bench.session.detectionTime == .milliseconds(300))
  }

  @Test("Without a socket it is AdminDown, tries again, and then begins as Down")
  func socket() {
    var bench = Bench(hasSockets: false)
    #expect(bench.session.state == .adminDown)
    #expect(
      bench.log == [
        "(s1) Unable to open output socket, disabling instance", "(s1) Entering AdminDown state",
      ])
    #expect(bench.sent == [])
    #expect(bench.session.deadline == Instant(microseconds: 60_000_000))
    bench.run(until: Instant(microseconds: 500_000))
    // Not more often than once a second.
    bench.receive(.down, your: Discriminator.none)
    #expect(bench.session.statistics.discards[.adminDown] == 1)
    bench.run(until: Instant(microseconds: 1_500_000))
    bench.hasSockets = true
    #expect(bench.receive(.down, your: Discriminator.none) == .discarded(.adminDown))
    #expect(bench.session.state == .down)
    #expect(bench.session.localDiagnostic == .administrativelyDown)
    bench.receive(.down, your: Discriminator.none)
    #expect(bench.session.state == .initialize)
    #expect(bench.session.localDiagnostic == .none)
  }

  @Test("The loss of the socket while Up is reported")
  func socketLost() {
    var bench = Bench()
    bench.bringUp()
    bench.forget()
    bench.event(.outputFailed)
    #expect(bench.reports == [.down])
    #expect(bench.session.state == .adminDown)
  }

  @Test("A refused packet is told once")
  func sendError() {
    var bench = Bench()
    bench.event(.sendFailed)
    bench.event(.sendFailed)
    #expect(bench.log == ["(s1) Error sending packet"])
    bench.event(.sendSucceeded)
    bench.event(.sendFailed)
    #expect(bench.log.count == 2)
  }

  @Test("The table of parameters has the form of the reference")
  func parameters() {
    var bench = Bench()
    bench.receive(.down, your: Discriminator.none)
    let lines = bench.effects.flatMap { effect -> [String] in
      guard case .session(_, .log(.parameters(let parameters, true))) = effect else { return [] }
      return parameters.lines("s1")
    }
    #expect(
      lines == [
        "(s1) ---------------< Session parameters >--------------",
        "              min_tx  min_rx  tx_intv  mult  detect_time",
        "     local   1000000  200000  1000000     3      3000000",
        "     remote  1000000  200000  1000000     3      3000000",
      ])
  }

  @Test("The largest numbers do no harm")
  func extremes() {
    var bench = Bench([
      Sample.session {
        $0.minRx = .max
        $0.minTx = .max
        $0.idleTx = .max
        $0.multiplier = 255
      }
    ])
    bench.remoteTx = .max
    bench.remoteRx = .max
    bench.remoteMultiplier = 255
    bench.bringUp()
    bench.receive(.up, .poll)
    bench.run(for: .seconds(10))
    #expect(bench.session.state == .up)
    #expect(bench.session.packet([]).desiredMinTxInterval == .max)
    var zero = Bench([
      Sample.session {
        $0.minRx = .zero
        $0.minTx = .seconds(1)
        $0.multiplier = 0
      }
    ])
    zero.remoteTx = 0
    zero.remoteRx = 0
    zero.bringUp()
    zero.run(for: .seconds(10))
    #expect(zero.session.state != .adminDown)
  }
}
