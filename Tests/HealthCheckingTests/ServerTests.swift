import Configuration
import HealthChecking
import Primitives
import Testing

private let server = "[192.0.2.1]:tcp:80"
private let other = "[192.0.2.2]:tcp:80"
private let service = "[192.0.2.100]:tcp:80"

@Suite struct ServerTests {
  @Test("Servers are in service before the first check; an alpha one is not")
  func start() {
    var bench = Bench([.test([.test(1, [.tcp()]), .test(2, [.tcp(isAlpha: true)])])])
    bench.start()
    #expect(bench.pool() == ["0*1"])
    #expect(
      bench.told == [
        "Gained quorum 1+0=1 <= 1 for VS \(service)", "<VS \(service) UP>",
        "Activating healthchecker for service \(server) for VS \(service)",
        "Activating healthchecker for service \(other) for VS \(service)",
      ])
    // Without warm-up exactly a second after the start.
    #expect(bench.delay(0) == 1 && bench.delay(1) == 1)
  }

  @Test("An alpha server that fails at first is told, though nothing was up")
  func alphaFailure() {
    var bench = Bench([.test([.test(1, [.tcp(isAlpha: true)])])])
    bench.start()
    #expect(
      bench.check(0, failed) == ["TCP_CHECK on service \(server) failed.", "<RS \(server) DOWN>"])
    #expect(bench.check(0, failed) == [])
    #expect(
      bench.check(0, passed) == [
        "TCP connection to \(server) success.", "Adding service \(server) to VS \(service)",
        "<RS \(server) UP>", "Gained quorum 1+0=1 <= 1 for VS \(service)", "<VS \(service) UP>",
      ])
    #expect(bench.pool() == ["0*1"])
  }

  @Test("Two checkers of a server must both agree")
  func twoCheckers() {
    var bench = Bench([.test([.test(1, [.tcp(retry: 0), .tcp(retry: 0)])])])
    bench.start()
    #expect(bench.check(0, failed).contains("Removing service \(server) from VS \(service)"))
    #expect(bench.check(1, failed) == ["TCP_CHECK on service \(server) failed."])
    #expect(bench.check(0, passed) == ["TCP connection to \(server) success."])
    #expect(bench.pool() == [])
    #expect(bench.check(1, passed).contains("Adding service \(server) to VS \(service)"))
    #expect(bench.pool() == ["0*1"])
  }

  @Test("inhibit_on_failure keeps the server with weight 0")
  func inhibition() {
    var definition = RealServer.test(1, weight: 3, [.tcp(retry: 0)])
    definition.inhibitsOnFailure = true
    var bench = Bench([.test([definition])])
    bench.start()
    #expect(bench.check(0, failed).contains("Disabling service \(server) of VS \(service)"))
    #expect(bench.pool() == ["0*0"])
    #expect(bench.check(0, passed).contains("Enabling service \(server) of VS \(service)"))
    #expect(bench.pool() == ["0*3"])
  }

  @Test("A postponed check says nothing about the server, and its reason is logged once")
  func postponement() {
    var bench = Bench([.test([.test(1, [.tcp(retry: 0)])])])
    bench.start()
    let reason = CheckResult.postponed(reason: "no socket")
    #expect(bench.check(0, reason) == ["no socket"])
    #expect(bench.check(0, reason) == [])
    #expect(bench.delay() == 10)
    #expect(bench.pool() == ["0*1"])
    #expect(bench.check(0, passed) == ["TCP connection to \(server) success."])
    #expect(bench.check(0, reason) == ["no socket"])
  }

  @Test("A check that began late is not followed by one that is late as well")
  func lateness() {
    var bench = Bench([.test([.test(1, [.tcp()])])])
    bench.start()
    bench.now = Instant(microseconds: 1_400_000)
    _ = bench.check(0, passed)
    #expect(bench.delay() == 9.6)
  }

  @Test("Checks that are due at one moment begin one after the other")
  func pace() {
    let hundred = Array(repeating: RealServer.test(1, [.tcp()]), count: 100)
    var bench = Bench((0..<20).map { .test(hundred, at: $0) })
    bench.start()
    #expect(Set(bench.deadlines.values).count == 1)
    var begins: [Int64] = []
    while let next = bench.deadlines.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      bench.now = next.value
      bench.deadlines[next.key] = nil
      bench.effects = []
      bench.core.timerFired(CheckerIndex(rawValue: next.key), at: bench.now, into: &bench.effects)
      bench.take()
      if bench.running[next.key] != nil { begins.append(bench.now.microseconds) }
    }
    #expect(begins.count == 2000)
    // All within half a second, and of no hundredth of a second more than a twentieth.
    #expect((begins.last ?? 0) - (begins.first ?? 0) < 500_000)
    for (place, begin) in begins.enumerated() where place + 100 < begins.count {
      #expect(begins[place + 100] - begin >= 10_000)
    }
  }

  @Test("ha_suspend: checks only while the address is here; states stay")
  func suspension() {
    var definition = VirtualServer.test([.test(1, [.tcp(retry: 0)])])
    definition.hasHASuspend = true
    var bench = Bench([definition])
    bench.start()
    #expect(
      bench.told.contains("Deactivating healthchecker for service \(server) for VS \(service)"))
    #expect(bench.pool() == ["0*1"])
    #expect(bench.check(0, failed) == [] && bench.running.isEmpty)
    bench.effects = []
    let address = IPAddress.test(100)
    bench.core.localAddressChanged(
      address, isAdded: true, at: bench.now, into: &bench.effects)
    #expect(
      bench.told == [
        "Netlink reflector reports IP 192.0.2.100 added",
        "Activating healthchecker for service \(server) for VS \(service)",
      ])
    #expect(bench.check(0, failed).contains("Removing service \(server) from VS \(service)"))
    bench.effects = []
    bench.core.localAddressChanged(
      address, isAdded: false, at: bench.now, into: &bench.effects)
    #expect(
      bench.told.last == "Suspending healthchecker for service \(server) for VS \(service)")
    #expect(bench.check(0, passed) == [])
    #expect(bench.pool() == [])
  }

  @Test("BFD_CHECK acts on what the BFD process says, without retries")
  func sessions() {
    var bench = Bench([.test([.test(1, [Checker(.bfd(name: "B"))])])])
    bench.start()
    #expect(bench.deadlines.isEmpty)
    bench.effects = []
    bench.core.sessionChanged("other", isUp: false, into: &bench.effects)
    #expect(bench.effects.isEmpty)
    bench.core.sessionChanged("B", isUp: false, into: &bench.effects)
    #expect(bench.told.first == "BFD check of [B] RS(\(server)) is DOWN")
    #expect(bench.pool() == [])
    bench.effects = []
    bench.core.sessionChanged("B", isUp: false, into: &bench.effects)
    #expect(bench.effects.isEmpty)
    bench.core.sessionChanged("B", isUp: true, into: &bench.effects)
    #expect(bench.pool() == ["0*1"])
  }

  @Test(
    "FILE_CHECK: a number without weight is a fault, with weight it counts",
    arguments: [
      (0, false, 0, ["0*10"]), (0, false, 1, []), (0, true, 0, []), (0, true, 5, ["0*10"]),
      (2, false, 5, ["0*20"]), (2, true, 5, ["0*0"]), (-1, false, 4, ["0*6"]),
      (-1, true, Int.min, []), (1, false, Int(Int32.min), []),
      (1, false, Int(Int32.max), ["0*\(Int32.max)"]),
    ] as [(Int32, Bool, Int, [String])])
  func files(_ row: (weight: Int32, isReversed: Bool, value: Int, pool: [String])) {
    let check = FileCheck(trackFile: "F", weight: row.weight, isReversed: row.isReversed)
    var bench = Bench([.test([.test(1, weight: 10, [Checker(.file(check))])])])
    bench.start(files: ["F": row.value])
    #expect(bench.pool() == row.pool)
    // The same when the value comes later.
    var later = Bench([.test([.test(1, weight: 10, [Checker(.file(check))])])])
    later.start(files: ["F": row.isReversed && row.weight == 0 ? 1 : 0])
    later.core.fileChanged("F", value: row.value, into: &later.effects)
    #expect(later.pool() == row.pool)
  }

  @Test("The stop tells of each server, and with omega of what goes down")
  func stop() {
    var definition = VirtualServer.test([.test(1, [.tcp(retry: 0)]), .test(2, [.tcp(retry: 0)])])
    definition.hasOmega = true
    definition.realServers[0].inhibitsOnFailure = true
    var bench = Bench([definition])
    bench.start()
    _ = bench.check(0, failed)
    bench.effects = []
    bench.core.stop(into: &bench.effects)
    #expect(
      bench.told == [
        "Shutting down (inhibited) service \(server) from VS \(service)",
        "Shutting down service \(other) from VS \(service)", "<RS \(other) DOWN>",
        "<VS \(service) DOWN>",
      ])
  }

  @Test(
    "With omega the stop tells once more of what has no quorum",
    arguments: [LVSGlobals.FlushOnStop.off, .virtualServers, .full], [false, true])
  func stopWithoutQuorum(_ flush: LVSGlobals.FlushOnStop, isAlpha: Bool) {
    var definition = VirtualServer.test([.test(1, [.tcp(retry: 0, isAlpha: isAlpha)])])
    for hasOmega in [false, true] {
      definition.hasOmega = hasOmega
      var settings = HealthChecks.Settings()
      settings.flushOnStop = flush
      var bench = Bench([definition], settings)
      bench.start()
      _ = bench.check(0, failed)
      bench.effects = []
      bench.core.stop(into: &bench.effects)
      #expect(
        bench.told.filter { $0.hasPrefix("<") } == (hasOmega ? ["<VS \(service) DOWN>"] : []))
    }
  }
}
