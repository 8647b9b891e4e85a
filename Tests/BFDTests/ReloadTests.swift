import Primitives
import Testing
import Wire

@testable import BFD

@Suite("Reload")
struct ReloadTests {
  func upBench(_ configurations: [SessionConfiguration] = [Sample.session()]) -> Bench {
    var bench = Bench(configurations)
    bench.bringUp()
    bench.receive(.up, .final)
    bench.run(for: .milliseconds(100))
    bench.forget()
    return bench
  }

  @Test("A session of the same name goes on, with all that it knows")
  func same() {
    var bench = upBench()
    let old = bench.session
    bench.reload([Sample.session()])
    #expect(bench.session.state == .up)
    #expect(bench.session.localDiscriminator == old.localDiscriminator)
    #expect(bench.session.remoteDiscriminator == old.remoteDiscriminator)
    #expect(bench.session.transmitDeadline == old.transmitDeadline)
    #expect(bench.session.detectionDeadline == old.detectionDeadline)
    #expect(bench.session.statistics == old.statistics)
    #expect(bench.sent == [])
    #expect(bench.reports == [.up])
    #expect(
      bench.effects.contains(
        .session(SessionIndex(rawValue: 0), .keepOutput(SessionIndex(rawValue: 0)))))
    #expect(bench.receive(.up) == .accepted(SessionIndex(rawValue: 0)))
  }

  @Test("Other min_rx or min_tx start a poll sequence, other settings do not")
  func poll() {
    let changes: [(Bool, @Sendable (inout SessionConfiguration) -> Void)] = [
      (true, { $0.minRx = .milliseconds(300) }), (true, { $0.minTx = .milliseconds(300) }),
      (false, { $0.multiplier = 9 }), (false, { $0.idleTx = .seconds(3) }),
      (false, { $0.hopLimit = 9 }), (false, { $0.maxHops = 9 }),
    ]
    for (polls, change) in changes {
      var bench = upBench()
      bench.reload([Sample.session { change(&$0) }])
      #expect(bench.session.state == .up)
      bench.forget()
      bench.run(for: .milliseconds(200))
      #expect(bench.sent.map(\.flags) == [polls ? .poll : []])
    }
  }

  @Test("Sessions move with their names; removed ones are named and new ones wait")
  func moved() {
    var bench = upBench([
      Sample.session("a"), Sample.session("b", neighbor: Sample.address("10.9.0.3")),
    ])
    let plan = bench.core.plan([
      Sample.session("c", neighbor: Sample.address("10.9.0.4")), Sample.session("a"),
    ])
    #expect(plan.predecessors == [nil, SessionIndex(rawValue: 0)])
    #expect(plan.removed == [SessionIndex(rawValue: 1)])
    let discriminator = bench.session.localDiscriminator
    let gone = bench[1].localDiscriminator
    bench.reload(plan.sessions)
    #expect(bench[1].state == .up)
    #expect(bench[1].localDiscriminator == discriminator)
    #expect(bench[0].state == .down)
    #expect(bench.sent == [])
    #expect(bench.reports == [.down, .up])
    #expect(bench.core.environment.owners.count == 2)
    #expect(bench.core.environment.owners[gone] == nil)
    #expect(bench.receive(.up, your: discriminator) == .accepted(SessionIndex(rawValue: 1)))
    bench.run(for: .seconds(1))
    #expect(bench.sent.contains { $0.state == .down })
  }

  @Test("Another address needs another socket")
  func address() {
    var bench = upBench()
    bench.reload([Sample.session { $0.source = Sample.address("10.9.0.7") }])
    #expect(bench.effects.first == .session(SessionIndex(rawValue: 0), .openOutput))
    #expect(bench.session.state == .up)
    bench.forget()
    bench.hasSockets = false
    bench.reload([Sample.session()])
    #expect(bench.session.state == .adminDown)
    #expect(bench.reports == [.up, .down])
    bench.forget()
    bench.hasSockets = true
    bench.reload([Sample.session()])
    #expect(bench.session.state == .down)
    #expect(bench.reports == [.down])
  }

  @Test("A slower neighbor is waited for from the reload on")
  func slowerReception() {
    var bench = upBench()
    bench.remoteTx = 200_000
    bench.receive(.up)
    #expect(bench.session.detectionTime == .milliseconds(600))
    bench.reload([Sample.session { $0.minRx = .seconds(2) }])
    #expect(bench.session.detectionTime == .seconds(6))
    #expect(bench.session.detectionDeadline == bench.now + .seconds(6))
  }

  @Test("Shutdown says nothing to anybody")
  func shutdown() {
    var bench = upBench()
    bench.perform { $0.shutdown(at: $1, into: &$2) }
    #expect(bench.sent == [] && bench.reports == [])
    #expect(bench.session.deadline == nil)
  }
}
