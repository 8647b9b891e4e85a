import Configuration
import HealthChecking
import Primitives
import Testing

private let server = "[192.0.2.1]:tcp:80"
private let service = "[192.0.2.100]:tcp:80"

/// How many failures it takes, and when the next attempt begins.
@Suite struct CountingTests {
  private func bench(_ kind: Checker.Kind, retry: UInt32, logsAll: Bool = false) -> Bench {
    var checker = Checker(kind)
    checker.retry = retry
    checker.delayLoop = .seconds(10)
    checker.delayBeforeRetry = .seconds(2)
    checker.warmup = .zero
    checker.logsAllFailures = logsAll
    var bench = Bench([.test([.test(1, weight: 10, [checker])])])
    bench.start()
    return bench
  }

  private static let connection = CheckConnection(address: .test(1), port: 80)

  private static let kinds: [Checker.Kind] = [
    .tcp(connection), .udp(UDPCheck(connection: connection, payload: [1])), .ping(connection),
    .dns(connection, DNSQuestion()), .smtp(connection, heloName: "h"),
    .misc(
      MiscCheck(
        script: Script(arguments: ["/bin/check"], account: ScriptAccount(user: 1, group: 1)),
        timeout: .seconds(5))),
  ]

  private static func failure(_ kind: Checker.Kind) -> CheckResult {
    if case .misc = kind { .script(.exited(1)) } else { failed }
  }

  private static func success(_ kind: Checker.Kind) -> CheckResult {
    if case .misc = kind { .script(.exited(0)) } else { passed }
  }

  @Test("With N retries a server that was seen up goes down at failure N + 1", arguments: kinds)
  func retries(_ kind: Checker.Kind) {
    let failure = Self.failure(kind)
    var bench = bench(kind, retry: 2)
    _ = bench.check(0, Self.success(kind))
    #expect(bench.delay() == 10)
    for _ in 0..<2 {
      #expect(!bench.check(0, failure).contains { $0.hasPrefix("Removing service") })
      #expect(bench.delay() == 2)
    }
    #expect(bench.check(0, failure).contains("Removing service \(server) from VS \(service)"))
    #expect(bench.delay() == 10)
    #expect(
      bench.check(0, Self.success(kind)).contains("Adding service \(server) to VS \(service)"))
    // The counter starts anew.
    #expect(!bench.check(0, failure).contains { $0.hasPrefix("Removing service") })
  }

  @Test("One success between failures is enough", arguments: kinds)
  func successBetween(_ kind: Checker.Kind) {
    var bench = bench(kind, retry: 1)
    _ = bench.check(0, Self.success(kind))
    for _ in 0..<5 {
      _ = bench.check(0, Self.failure(kind))
      _ = bench.check(0, Self.success(kind))
    }
    #expect(bench.pool() == ["0*10"])
  }

  @Test("The first check decides without retries, but not that of SMTP", arguments: kinds)
  func firstFailure(_ kind: Checker.Kind) {
    var bench = bench(kind, retry: 3)
    _ = bench.check(0, Self.failure(kind))
    if case .smtp = kind { #expect(bench.pool() == ["0*10"]) } else { #expect(bench.pool() == []) }
  }

  @Test("Lines of a TCP check")
  func lines() {
    var bench = bench(Self.kinds[0], retry: 1, logsAll: true)
    _ = bench.check(0, passed)
    #expect(
      bench.check(0, .failed(detail: "timeout")) == ["TCP connection to \(server) timeout."])
    #expect(
      bench.check(0, failed).prefix(2) == [
        "TCP connection to \(server) failed.",
        "TCP_CHECK on service \(server) failed after 1 retries.",
      ])
    #expect(bench.check(0, failed) == [])
  }

  @Test("A dead SMTP server is probed with all retries in each round")
  func deadSMTPServer() {
    var bench = bench(.smtp(Self.connection, heloName: "h"), retry: 1)
    let failure = CheckResult.failed(detail: "Read timeout from server [192.0.2.1]:80")
    #expect(bench.check(0, failure) == [])
    #expect(
      bench.check(0, failure).first == "SMTP_CHECK Read timeout from server [192.0.2.1]:80")
    #expect(bench.delay() == 10)
    #expect(bench.check(0, failure) == [])
    #expect(bench.delay() == 2)
    #expect(bench.check(0, failure) == [])
    #expect(bench.delay() == 10)
  }

  @Test("The exit status of a dynamic script gives the weight")
  func dynamicWeight() {
    var check = MiscCheck(
      script: Script(arguments: ["/bin/check"], account: ScriptAccount(user: 1, group: 1)),
      timeout: .seconds(5))
    check.isDynamic = true
    var bench = bench(.misc(check), retry: 0)
    #expect(
      bench.check(0, .script(.exited(32))) == [
        "Misc check for [\(server) VS \(service)] by [/bin/check] succeeded.",
        "Changing weight from 10 to 30 for active service \(server) of VS \(service)",
      ])
    #expect(bench.pool() == ["0*30"])
    #expect(bench.check(0, .script(.exited(32))) == [])
    _ = bench.check(0, .script(.exited(2)))
    #expect(bench.pool() == ["0*0"])
    _ = bench.check(0, .script(.exited(0)))
    #expect(bench.pool() == ["0*10"])
    _ = bench.check(0, .script(.exited(255)))
    _ = bench.check(0, .script(.timedOut))
    #expect(bench.pool() == [])
    // What it added before the failure is forgotten.
    _ = bench.check(0, .script(.exited(0)))
    #expect(bench.pool() == ["0*10"])
  }

  @Test("A script that cannot be run is a failure, whatever its exit status would mean")
  func notRun() {
    var check = MiscCheck(
      script: Script(arguments: ["/bin/check"], account: ScriptAccount(user: 1, group: 1)),
      timeout: .seconds(5))
    for isDynamic in [false, true] {
      check.isDynamic = isDynamic
      var bench = bench(.misc(check), retry: 0)
      _ = bench.check(0, .script(.exited(0)))
      #expect(
        bench.check(0, .script(.notRun(reason: "Permission denied"))).prefix(2) == [
          "Misc check for [\(server) VS \(service)] by [/bin/check] failed with retry disabled"
            + " (not run: Permission denied).",
          "Removing service \(server) from VS \(service)",
        ])
      #expect(bench.pool() == [])
    }
  }

  @Test("What is put off for a minute, and three times, counts as failed", arguments: kinds)
  func postponedTooLong(_ kind: Checker.Kind) {
    var bench = bench(kind, retry: 0)
    let postponed = CheckResult.postponed(reason: "no socket")
    _ = bench.check(0, Self.success(kind))
    #expect(bench.check(0, postponed) == ["no socket"])
    let begin = bench.now
    while bench.now - begin < .seconds(50) {
      #expect(bench.check(0, postponed) == [])
      #expect(bench.pool() == ["0*10"])
    }
    let told = bench.check(0, postponed)
    #expect(
      told.first == "\(kind.traits.name) on service \(server) was put off 7 times:"
        + " it counts as failed.")
    #expect(told.contains("Removing service \(server) from VS \(service)"))
    #expect(bench.pool() == [])
    #expect(!bench.check(0, postponed).contains { $0.contains("put off") })
    let resumed = bench.check(0, Self.success(kind))
    #expect(resumed.first == "\(kind.traits.name) on service \(server) is made again.")
    #expect(resumed.contains("Adding service \(server) to VS \(service)"))
    // From the beginning.
    #expect(bench.check(0, postponed) == ["no socket"])
    #expect(bench.pool() == ["0*10"])
  }

  @Test("A check that comes seldom is put off three times all the same")
  func postponedSeldom() {
    var checker = Checker(Self.kinds[0])
    checker.retry = 0
    checker.delayLoop = .seconds(600)
    var bench = Bench([.test([.test(1, [checker])])])
    bench.start()
    for _ in 0..<2 {
      _ = bench.check(0, .postponed(reason: "no socket"))
      #expect(bench.pool() == ["0*1"])
    }
    _ = bench.check(0, .postponed(reason: "no port"))
    #expect(bench.pool() == [])
  }
}

/// Several urls of one server.
@Suite struct HTTPCountingTests {
  private func bench(retry: UInt32 = 1, fast: Bool = false, isAlpha: Bool = false) -> Bench {
    var check = HTTPCheck(
      connection: CheckConnection(address: .test(1), port: 80), isTLS: false)
    check.urls = [.init(path: "/a"), .init(path: "/b"), .init(path: "/c")]
    check.hasFastRecovery = fast
    var checker = Checker(.http(check))
    checker.retry = retry
    checker.isAlpha = isAlpha
    checker.delayLoop = .seconds(10)
    checker.delayBeforeRetry = .seconds(3)
    checker.warmup = .zero
    var bench = Bench([.test([.test(1, [checker])])])
    bench.start()
    return bench
  }

  private let proof = CheckResult.passed(proof: "HTTP status code success to")
  private let failure = CheckResult.failed(detail: "HTTP status code error to")

  @Test("One url a cycle; the last of a pass brings the server up")
  func pass() {
    var bench = bench(isAlpha: true)
    for path in ["a", "b"] {
      #expect(
        bench.check(0, proof) == ["HTTP status code success to \(server) url(/\(path))"])
      #expect(bench.delay() == 10 && bench.pool() == [])
    }
    #expect(
      bench.check(0, proof).dropFirst().prefix(2) == [
        "Remote Web server \(server) succeed on service.",
        "Adding service \(server) to VS \(service)",
      ])
  }

  @Test("fast_recovery does not wait between the urls")
  func fastRecovery() {
    var bench = bench(fast: true, isAlpha: true)
    _ = bench.check(0, proof)
    #expect(bench.delay() == 0)
    _ = bench.check(0, proof)
    #expect(bench.delay() == 0)
    _ = bench.check(0, proof)
    #expect(bench.delay() == 10 && bench.pool() == ["0*1"])
  }

  @Test("The url that failed must pass first, then all of them")
  func failedURL() {
    var bench = bench()
    for _ in 0..<3 { _ = bench.check(0, proof) }
    _ = bench.check(0, proof)
    #expect(bench.check(0, failure) == [] && bench.delay() == 3)
    #expect(
      bench.check(0, failure).prefix(2) == [
        "HTTP_CHECK on service \(server) failed after 1 retries.",
        "Removing service \(server) from VS \(service)",
      ])
    #expect(bench.delay() == 10)
    #expect(bench.check(0, failure) == [])
    #expect(bench.check(0, proof) == ["HTTP status code success to \(server) url(/b)"])
    #expect(bench.core.checkers[0].http.url == 0)
    for _ in 0..<2 {
      #expect(bench.check(0, proof).count == 1 && bench.pool() == [])
    }
    _ = bench.check(0, proof)
    #expect(bench.pool() == ["0*1"])
  }

  @Test("An alpha server that fails at first is told to nobody")
  func alphaFailure() {
    var bench = bench(isAlpha: true)
    #expect(bench.check(0, failure) == [])
    #expect(bench.core.checkers[0].http.failedURL == 0)
  }
}
