import Configuration
import HealthChecking
import Primitives
import Testing

private let server = "[192.0.2.1]:tcp:80"
private let other = "[192.0.2.2]:tcp:80"
private let service = "[192.0.2.100]:tcp:80"

@Suite struct ReloadTests {
  private func two(retry: UInt32 = 0) -> [VirtualServer] {
    [.test([.test(1, [.tcp(retry: retry)]), .test(2, [.tcp(retry: retry)])])]
  }

  @Test("What is the same keeps its state and its schedule, and nothing is told")
  func unchanged() {
    var bench = Bench(two())
    bench.start()
    _ = bench.check(0, failed)
    _ = bench.check(1, passed)
    bench.reload(two())
    #expect(bench.told == [])
    #expect(bench.pool() == ["1*1"])
    #expect(bench.delay(0) == 10 && bench.delay(1) == 10)
    #expect(
      bench.check(0, passed).contains("Adding service \(server) to VS \(service)"))
  }

  @Test("An attempt under way at a reload begins anew at once")
  func underway() {
    var bench = Bench(two())
    bench.start()
    _ = bench.check(0, passed)
    bench.now = bench.deadlines[0] ?? bench.now
    bench.core.timerFired(CheckerIndex(rawValue: 0), at: bench.now, into: &bench.effects)
    bench.reload(two())
    #expect(bench.delay(0) == 0)
  }

  @Test("A server that is gone leaves the pool and is told")
  func removedServer() {
    var bench = Bench(two())
    bench.start()
    bench.reload([.test([.test(2, [.tcp(retry: 0)])])])
    #expect(
      bench.told.prefix(3) == [
        "service \(server) no longer exist", "Removing service \(server) from VS \(service)",
        "<removed RS 0>",
      ])
    #expect(bench.pool() == ["0*1"])
  }

  @Test("A virtual server that is gone is told with all its servers")
  func removedVirtualServer() {
    var bench = Bench(two())
    bench.start()
    bench.reload([.test([.test(5, [.tcp()])], at: 101)])
    #expect(
      bench.told.prefix(6) == [
        "Removing Virtual Server \(service)", "Removing service \(server) from VS \(service)",
        "<removed RS 0>", "Removing service \(other) from VS \(service)", "<removed RS 1>",
        "<removed VS 0>",
      ])
  }

  @Test("A quorum lost by the reload is told once")
  func lostQuorum() {
    var before = two()
    before[0].quorum = 2
    var after: [VirtualServer] = [.test([.test(2, [.tcp(retry: 0)])])]
    after[0].quorum = 2
    var bench = Bench(before)
    bench.start()
    bench.reload(after)
    #expect(bench.told.contains("Lost quorum 2-0=2 > 1 for VS \(service)"))
    #expect(bench.told.filter { $0.hasPrefix("<VS") } == ["<VS \(service) DOWN>"])
  }

  @Test("Another check for a dead server brings it up until it fails as well")
  func editedChecker() {
    var bench = Bench(two())
    bench.start()
    _ = bench.check(0, failed)
    bench.reload([.test([.test(1, [.tcp(retry: 1, 7)]), .test(2, [.tcp(retry: 0)])])])
    #expect(bench.told.contains("Adding service \(server) to VS \(service)"))
    // A new checker of a known server needs all its retries.
    #expect(!bench.check(0, failed).contains { $0.hasPrefix("Removing") })
    #expect(bench.check(0, failed).contains("Removing service \(server) from VS \(service)"))
  }

  @Test("A changed weight is told, and those of dead servers wait")
  func weights() {
    var bench = Bench(two())
    bench.start()
    _ = bench.check(0, passed)
    _ = bench.check(1, failed)
    bench.reload([
      .test([.test(1, weight: 7, [.tcp(retry: 0)]), .test(2, weight: 8, [.tcp(retry: 0)])])
    ])
    #expect(
      bench.told == [
        "Changing weight from 1 to 7 for active service \(server) of VS \(service)",
        "Changing weight from 1 to 8 for inactive service \(other) of VS \(service)",
      ])
    #expect(bench.pool() == ["0*7"])
    _ = bench.check(1, passed)
    #expect(bench.pool() == ["0*7", "1*8"])
  }

  @Test("A dynamic weight survives a reload")
  func dynamicWeight() {
    var check = MiscCheck(
      script: Script(arguments: ["/bin/check"], account: ScriptAccount(user: 1, group: 1)),
      timeout: .seconds(5))
    check.isDynamic = true
    let definition: [VirtualServer] = [.test([.test(1, weight: 10, [Checker(.misc(check))])])]
    for (status, weight) in [(UInt8(0), 10), (32, 30)] {
      var bench = Bench(definition)
      bench.start()
      _ = bench.check(0, .script(.exited(status)))
      bench.reload(definition)
      #expect(bench.told == [])
      #expect(bench.pool() == ["0*\(weight)"])
    }
  }

  private func misc(
    _ command: String = "/bin/check", canRun: Bool = true, isAlpha: Bool = false
  ) -> Checker {
    let script = Script(arguments: [command], account: ScriptAccount(user: 1, group: 1))
    var check = MiscCheck(script: script, timeout: .seconds(5))
    if !canRun { check.script = nil }
    var checker = Checker(.misc(check))
    checker.retry = 0
    checker.isAlpha = isAlpha
    return checker
  }

  @Test(
    "A server stays as it is when its script is gone, until that is back", arguments: [false, true])
  func scriptGone(isAlpha: Bool) {
    let before: [VirtualServer] = [.test([.test(1, [misc(isAlpha: isAlpha)])])]
    let after: [VirtualServer] = [.test([.test(1, [misc(canRun: false, isAlpha: isAlpha)])])]
    for (status, pool) in [(UInt8(0), ["0*1"]), (1, [])] {
      var bench = Bench(before)
      bench.start()
      _ = bench.check(0, .script(.exited(status)))
      for _ in 0..<2 {
        bench.reload(after)
        #expect(bench.pool() == pool)
        #expect(bench.delay() == nil)
        #expect(
          bench.told == [
            "Service \(server) of VS \(service)"
              + " \(status == 0 ? "is served unchecked" : "stays out of service"):"
              + " misc script /bin/check cannot run"
          ])
      }
      bench.reload(before)
      #expect(bench.pool() == pool && bench.delay() != nil)
      #expect(bench.told == [])
      _ = bench.check(0, .script(.exited(0)))
      #expect(bench.pool() == ["0*1"])
    }
  }

  @Test("A server that is out is not brought up by another script that cannot run")
  func otherScript() {
    var bench = Bench([.test([.test(1, [misc()])])])
    bench.start()
    _ = bench.check(0, .script(.exited(1)))
    bench.reload([.test([.test(1, [misc("/bin/other", canRun: false)])])])
    #expect(bench.pool() == [])
    bench.reload([.test([.test(1, [misc("/bin/other")])])])
    #expect(bench.pool() == [])
    _ = bench.check(0, .script(.exited(0)))
    #expect(bench.pool() == ["0*1"])
  }

  @Test("A script that cannot run does not hold down what another check holds down")
  func besideAnother() {
    var bench = Bench(two())
    bench.start()
    _ = bench.check(0, failed)
    bench.reload([.test([.test(1, [.tcp(retry: 0), misc(canRun: false)])])])
    #expect(bench.pool() == [])
    _ = bench.check(0, passed)
    #expect(bench.pool() == ["0*1"])
  }

  @Test("At a start a script that cannot run keeps an alpha server out, for good, and no other")
  func startWithoutScript() {
    var bench = Bench([
      .test([
        .test(1, [misc(canRun: false)]), .test(2, [misc(canRun: false, isAlpha: true), .tcp()]),
      ])
    ])
    bench.start()
    #expect(bench.pool() == ["0*1"])
    #expect(
      bench.told.filter { $0.contains("script") } == [
        "Service \(server) of VS \(service) is served unchecked:"
          + " misc script /bin/check cannot run",
        "Service \(other) of VS \(service) stays out of service:"
          + " misc script /bin/check cannot run",
      ])
    #expect(bench.delay(0) == nil && bench.delay(1) == nil)
    _ = bench.check(2, passed)
    #expect(bench.pool() == ["0*1"])
  }

  @Test("Reloads that come often do not put off a check for ever")
  func postponedOverReloads() {
    var bench = Bench(two())
    bench.start()
    for _ in 0..<6 {
      _ = bench.check(0, .postponed(reason: "no socket"))
      bench.reload(two())
      #expect(bench.pool() == ["0*1", "1*1"])
      bench.now = bench.now + .seconds(10)
    }
    _ = bench.check(0, .postponed(reason: "no socket"))
    #expect(bench.pool() == ["1*1"])
  }

  @Test("The sorry server in use can be exchanged, taken away and given")
  func sorryServer() {
    func definition(_ sorry: UInt8?) -> [VirtualServer] {
      var servers = two()
      servers[0].quorum = 2
      servers[0].sorryServer = sorry.map { SorryServer(address: .test($0), port: 80) }
      return servers
    }
    var bench = Bench(definition(9))
    bench.start()
    _ = bench.check(0, failed)
    _ = bench.check(1, passed)
    #expect(bench.pool() == ["sorry*1"])
    bench.reload(definition(9))
    #expect(bench.told == [] && bench.pool() == ["sorry*1"])
    bench.reload(definition(8))
    #expect(bench.told.contains("Adding sorry server [192.0.2.8]:tcp:80 to VS \(service)"))
    bench.reload(definition(nil))
    #expect(bench.pool() == ["1*1"])
    bench.reload(definition(9))
    #expect(bench.pool() == ["sorry*1"])
  }

  @Test("New servers: alpha ones wait for their checks, others serve")
  func newServers() {
    var bench = Bench(two())
    bench.start()
    bench.reload([
      .test([
        .test(1, [.tcp(retry: 0)]), .test(3, [.tcp(isAlpha: true)]), .test(4, [.tcp(retry: 2)]),
      ])
    ])
    #expect(bench.pool() == ["0*1", "2*1"])
    _ = bench.check(1, passed)
    #expect(bench.pool() == ["0*1", "1*1", "2*1"])
    _ = bench.check(2, failed)
    #expect(bench.pool() == ["0*1", "1*1", "2*1"])
  }
}
