import Configuration
import HealthChecking
import Primitives
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("SMTP_CHECK")
struct SMTPTests {
  /// Checks a server that says `lines`, the first one unasked.
  func result(
    of lines: [String], timeout: Microseconds = .seconds(5), on bench: Bench,
    heard: @escaping (String) -> Void = { _ in }
  ) throws -> CheckResult? {
    var seen = 0
    let server = try ScriptedServer(on: bench.loop) { peer in
      var lines = lines[...]
      lines.popFirst().map { peer.send($0) }
      peer.heard = { peer in
        heard(String(peer.text.dropFirst(seen)))
        seen = peer.text.count
        if let line = lines.popFirst() { peer.send(line) } else { peer.close() }
      }
    }
    let kind = Checker.Kind.smtp(bench.connection(server.port, timeout: timeout), heloName: "me.x")
    let result = try bench.result(bench.attempts(kind, port: server.port))
    guard case .failed(let detail) = result else { return result }
    return .failed(detail: detail.replacing("[127.0.0.1]:\(server.port)", with: "T"))
  }

  @Test("A server that greets, answers and says something to QUIT passes")
  func passed() throws {
    let bench = try Bench()
    var heard: [String] = []
    let lines = ["220 a b\r\n", "250 \r\n", "4\n"]
    #expect(try result(of: lines, on: bench) { heard.append($0) } == .passed(proof: nil))
    #expect(heard == ["HELO me.x\r\n", "QUIT\r\n"])
    #expect(try result(of: ["220\n", "250\nrest", "\n"], on: bench) == .passed(proof: nil))
  }

  @Test(
    "Any other code, and an answer of several lines, fails",
    arguments: [
      (["554 no\r\n"], "Bad greeting banner from server T"),
      (["220-a\r\n220 b\r\n"], "Bad greeting banner from server T"),
      (["220\r\n"], "Bad greeting banner from server T"),
      (["22\n"], "Bad greeting banner from server T"),
      (["\0\0\0\n"], "Bad greeting banner from server T"),
      (["220 a\r\n", "250-a\r\n250 b\r\n"], "Bad HELO response from server T"),
      (["220 a\r\n", "2500 a\r\n"], "Bad HELO response from server T"),
      (["220 a\r\n"], "Read failure from server T"),
      (["220 a\r\n", "250 a\r\n"], "Read failure from server T"),
    ])
  func refused(lines: [String], text: String) throws {
    #expect(try result(of: lines, on: Bench()) == .failed(detail: text))
  }

  @Test("A server that is silent, or never ends its line, is given up")
  func silence() throws {
    let bench = try Bench()
    let limit = Microseconds.milliseconds(50)
    let timeout = CheckResult.failed(detail: "Read timeout from server T")
    #expect(try result(of: [], timeout: limit, on: bench) == timeout)
    #expect(try result(of: ["220 "], timeout: limit, on: bench) == timeout)
    let endless = String(repeating: "x", count: 600)
    #expect(try result(of: [endless], timeout: limit, on: bench) == timeout)
    #expect(bench.directory.logged.count == 1)
    let server = try ScriptedServer(on: bench.loop) { peer in
      peer.send([0x32], forEver: .milliseconds(1))
    }
    let kind = Checker.Kind.smtp(bench.connection(server.port, timeout: limit), heloName: "me.x")
    #expect(
      try bench.result(bench.attempts(kind, port: server.port))
        == .failed(detail: "Read timeout from server [127.0.0.1]:\(server.port)"))
  }

  @Test("A server that cannot be reached fails")
  func notThere() throws {
    let bench = try Bench()
    let port = try ScriptedServer.closedPort()
    let refused = bench.attempts(.smtp(bench.connection(port), heloName: "x"), port: port)
    #expect(
      try bench.result(refused)
        == .failed(detail: "Could not connect to server [127.0.0.1]:\(port)"))
    let silent = try SilentPort()
    let connection = bench.connection(silent.port, timeout: .milliseconds(50))
    #expect(
      try bench.result(bench.attempts(.smtp(connection, heloName: "x"), port: silent.port))
        == .failed(detail: "Connection timeout to server [127.0.0.1]:\(silent.port)"))
  }
}
