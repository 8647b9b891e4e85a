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

  @Test("A fault of this machine is no failure of the server")
  func local() throws {
    let bench = try Bench()
    var connection = bench.connection(80)
    connection.bindAddress = IPAddress(parsing: "192.0.2.1")
    let postponed = CheckResult.postponed(reason: "TCP socket bind failed. Rescheduling.")
    #expect(try bench.result(bench.attempts(.tcp(connection))) == postponed)
    connection.bindAddress = nil
    connection.bindInterface = "none0"
    #expect(try bench.result(bench.attempts(.tcp(connection))) == postponed)
    #expect(
      bench.directory.logged == [
        "Checker bind failed: Cannot assign requested address",
        "Checker can't bind to device none0: No such device",
      ])
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
