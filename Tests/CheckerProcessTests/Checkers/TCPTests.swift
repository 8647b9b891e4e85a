import CLinux
import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("TCP_CHECK")
struct TCPTests {
  @Test("A server that listens passes")
  func open() throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { _ in }
    let attempts = bench.attempts(.tcp(bench.connection(server.port)))
    #expect(try bench.result(attempts) == .passed(proof: nil))
    #expect(try bench.result(attempts) == .passed(proof: nil))
  }

  @Test("A port that nobody listens on fails")
  func refused() throws {
    let bench = try Bench()
    let attempts = bench.attempts(.tcp(bench.connection(try ScriptedServer.closedPort())))
    #expect(try bench.result(attempts) == .failed(detail: "failed"))
  }

  @Test("A server whose queue is full is given up in time")
  func timeout() throws {
    let bench = try Bench()
    let silent = try SilentPort()
    let attempts = bench.attempts(
      .tcp(bench.connection(silent.port, timeout: .milliseconds(60))))
    let start = Clock.now
    #expect(try bench.result(attempts) == .failed(detail: "timeout"))
    #expect(Clock.now - start >= .milliseconds(60))
  }

  @Test("Without a way to the server it fails, and not before begin has returned")
  func unreachable() throws {
    let bench = try Bench()
    var connection = bench.connection(80)
    // TCP to a broadcast address: ENETUNREACH at once.
    connection.address = .ipv4(IPv4Address(bits: 0x7fff_ffff))
    #expect(try bench.result(bench.attempts(.tcp(connection))) == .failed(detail: "failed"))
  }

  @Test("What the server cannot be reached from fails, whatever the kind; told once")
  func nowhereToConnectFrom() throws {
    var missing = try Bench().connection(80)
    missing.bindAddress = IPAddress(parsing: "192.0.2.1")
    var device = missing
    device.bindAddress = nil
    device.bindInterface = "none0"
    var web = HTTPCheck(connection: missing, isTLS: false)
    web.urls = [HTTPCheck.URL(path: "/")]
    let kinds: [Checker.Kind] = [
      .tcp(missing), .http(web), .smtp(missing, heloName: "h"), .dns(missing, DNSQuestion()),
      .udp(UDPCheck(connection: missing, payload: [1])),
    ]
    for kind in kinds {
      let bench = try Bench()
      let attempts = bench.attempts(kind)
      for _ in 0..<2 { #expect(try isFailure(bench.result(attempts))) }
      #expect(
        bench.directory.logged == ["Checker bind failed: Cannot assign requested address"])
    }
    let bench = try Bench()
    let attempts = bench.attempts(.tcp(device))
    for _ in 0..<2 { #expect(try bench.result(attempts) == .failed(detail: "failed")) }
    #expect(
      bench.directory.logged == ["Checker can't bind to device none0: No such device"])
  }

  private func isFailure(_ result: CheckResult?) -> Bool {
    if case .failed = result { true } else { false }
  }

  @Test("A port that is taken is free again one day: the attempt is put off")
  func port() throws {
    let bench = try Bench()
    let taken = try ScriptedServer.bound(SOCK_STREAM)
    var connection = bench.connection(80)
    connection.bindAddress = ScriptedServer.address
    connection.bindPort = ScriptedServer.port(of: taken)
    let attempts = bench.attempts(.tcp(connection))
    for _ in 0..<2 {
      #expect(
        try bench.result(attempts) == .postponed(reason: "TCP socket bind failed. Rescheduling."))
    }
    #expect(bench.directory.logged == ["Checker bind failed: Address already in use"])
  }

  @Test(
    "Only what is short for a while is put off",
    arguments: [
      (ClientSocket.Fault.socket(Errno(rawValue: EMFILE)), true),
      (.socket(Errno(rawValue: ENFILE)), true), (.socket(Errno(rawValue: ENOBUFS)), true),
      (.socket(Errno(rawValue: ENOMEM)), true), (.socket(.permission), false),
      (.socket(.access), false), (.socket(Errno(rawValue: EAFNOSUPPORT)), false),
      (.mark(1, .permission), false), (.device("none0", .noDevice), false),
      (.device("none0", .permission), false), (.bind(.addressInUse), true),
      (.bind(.addressNotAvailable), false), (.bind(.access), false),
      // No port is left.
      (.connect(.addressNotAvailable), true), (.connect(.again), true),
      // Routes: prohibit, blackhole, unreachable, none.
      (.connect(.access), false), (.connect(.invalid), false),
      (.connect(Errno(rawValue: EHOSTUNREACH)), false), (.connect(.networkUnreachable), false),
      (.connect(.permission), false),
    ])
  func shortage(_ fault: ClientSocket.Fault, isShortage: Bool) {
    #expect(fault.isShortage == isShortage)
  }

  @Test("An attempt that is cancelled says nothing, and the next one does")
  func cancel() throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { _ in }
    let attempts = bench.attempts(.tcp(bench.connection(server.port)))
    attempts?.begin(url: 0)
    attempts?.cancel()
    attempts?.cancel()
    try bench.run(.milliseconds(20))
    #expect(bench.results == [])
    attempts?.begin(url: 0)
    attempts?.begin(url: 0)
    try bench.run(.seconds(10))
    try bench.run(.milliseconds(20))
    #expect(bench.results == [.passed(proof: nil)])
  }

  @Test("Each attempt closes its connection and sends nothing")
  func close() throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { _ in }
    let attempts = bench.attempts(.tcp(bench.connection(server.port)))
    for _ in 0..<20 { #expect(try bench.result(attempts) == .passed(proof: nil)) }
    try bench.run(.milliseconds(20))
    #expect(server.peers.count == 20)
    #expect(server.peers.allSatisfy { $0.isOver && $0.received == [] })
  }
}
