import CLinux
import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("UDP_CHECK")
struct UDPTests {
  func result(
    _ reply: UDPCheck.Reply, timeout: Microseconds = .milliseconds(50), port given: UInt16? = nil,
    answers: [[UInt8]]
  ) throws -> CheckResult? {
    let bench = try Bench()
    let server = try DatagramServer(on: bench.loop) { _ in answers }
    let port = given ?? server.port
    var check = UDPCheck(
      connection: bench.connection(port, timeout: timeout), payload: [1, 2, 3])
    check.reply = reply
    let result = try bench.result(bench.attempts(.udp(check), port: port))
    #expect(given != nil || server.received == [[1, 2, 3]])
    guard case .failed(let detail) = result else { return result }
    return .failed(detail: detail.replacing("[127.0.0.1]:tcp:\(port)", with: "R"))
  }

  static let passed = CheckResult.passed(proof: nil)
  static let failed = CheckResult.failed(detail: "UDP connection to R failed.")
  static let mismatch = CheckResult.failed(detail: "UDP check to R reply data mismatch.")

  @Test("Silence passes unless an answer is required")
  func silence() throws {
    #expect(try result(.any, answers: []) == Self.passed)
    #expect(try result(.required, answers: []) == Self.failed)
    #expect(try result(.required, timeout: .seconds(5), answers: [[]]) == Self.passed)
    #expect(try result(.any, timeout: .seconds(5), answers: [[9]]) == Self.passed)
  }

  @Test("A port that nobody listens on fails in any case")
  func refused() throws {
    let port = ScriptedServer.port(of: try ScriptedServer.bound(SOCK_DGRAM))
    for reply in [UDPCheck.Reply.any, .required] {
      #expect(
        try result(reply, timeout: .seconds(5), port: port, answers: []) == Self.failed)
    }
  }

  @Test("An answer is compared with the template, where it says so")
  func template() throws {
    var template = UDPCheck.Template(octets: [0xa0, 0x0b], mask: [0xf0, 0xff])
    template.minLength = 1
    template.maxLength = 3
    for (answer, expected) in [
      ([0xa7, 0x0b], Self.passed), ([0xa0], Self.passed), ([0xa1, 0x0b, 9], Self.passed),
      ([0xb0, 0x0b], Self.mismatch), ([0xa0, 0x0c], Self.mismatch), ([], Self.mismatch),
      ([0xa0, 0x0b, 1, 2], Self.mismatch),
      ([0xa0, 0x0b] + [UInt8](repeating: 1, count: 60000), Self.mismatch),
    ] as [([UInt8], CheckResult)] {
      let result = try result(.matching(template), timeout: .seconds(5), answers: [answer])
      #expect(result == expected)
    }
  }

  @Test("The longest template that can be given is no trap")
  func longest() throws {
    var template = UDPCheck.Template(octets: [1], mask: [0xff])
    template.maxLength = .max
    #expect(
      try result(.matching(template), timeout: .seconds(5), answers: [[1]]) == Self.passed)
  }
}
