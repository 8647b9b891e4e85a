import CLinux
import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("DNS_CHECK")
struct DNSTests {
  /// The header of an answer to `query` with other flags.
  static func answer(_ query: [UInt8], _ flags: [UInt8]) -> [UInt8] {
    Array(query[..<2]) + flags + [0, 1, 0, 0, 0, 0, 0, 0] + query[12...]
  }

  func result(
    timeout: Microseconds = .seconds(5), _ question: DNSQuestion = DNSQuestion(),
    answers: @escaping ([UInt8]) -> [[UInt8]]
  ) throws -> (result: CheckResult?, query: [UInt8]?) {
    let bench = try Bench()
    let server = try DatagramServer(on: bench.loop, answers: answers)
    let connection = bench.connection(server.port, timeout: timeout)
    let result = try bench.result(bench.attempts(.dns(connection, question), port: server.port))
    return (result, server.received.first)
  }

  @Test("The question is the reference's, and any answer without an error is good")
  func passed() throws {
    let (result, query) = try result { [Self.answer($0, [0x81, 0x80])] }
    #expect(result == .passed(proof: nil))
    #expect(
      query.map { Array($0[2...]) } == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1])
    var question = DNSQuestion()
    question.type = .aaaa
    question.name = "Www.example"
    let second = try self.result(question) { [Self.answer($0, [0x80, 0])] }
    #expect(second.result == .passed(proof: nil))
    #expect(
      second.query.map { Array($0[12...]) }
        == [3] + Array("Www".utf8) + [7] + Array("example".utf8) + [0, 0, 28, 0, 1])
  }

  @Test("An error code is a failure")
  func errorCode() throws {
    let (result, _) = try result { [Self.answer($0, [0x81, 0x83])] }
    #expect(result == .failed(detail: "read error occurred. (rcode = 3)"))
  }

  @Test("What is no answer to this question is ignored")
  func ignored() throws {
    let noise: ([UInt8]) -> [[UInt8]] = { query in
      var other = Self.answer(query, [0x81, 0x82])
      other[0] ^= 1
      return [[], [0], Array(query[..<11]), other, Self.answer(query, [0x01, 0x82])]
    }
    let (patient, _) = try result { noise($0) + [Self.answer($0, [0x81, 0x80])] }
    #expect(patient == .passed(proof: nil))
    let (vain, _) = try result(timeout: .milliseconds(50), answers: noise)
    #expect(vain == .failed(detail: "read timeout from socket"))
  }

  @Test("An oversized answer does no harm")
  func oversized() throws {
    let (result, _) = try result {
      [Self.answer($0, [0x81, 0x80]) + [UInt8](repeating: 0, count: 60000)]
    }
    #expect(result == .passed(proof: nil))
  }

  @Test("A port that nobody listens on fails, and so does a name that is none")
  func faults() throws {
    let bench = try Bench()
    let port = ScriptedServer.port(of: try ScriptedServer.bound(SOCK_DGRAM))
    let refused = try bench.result(
      bench.attempts(.dns(bench.connection(port), DNSQuestion()), port: port))
    #expect(
      refused == .failed(detail: "failed to read socket; errno 111 (Connection refused)"))
    var question = DNSQuestion()
    question.name = String(repeating: "a", count: 64)
    let attempts = bench.attempts(.dns(bench.connection(port), question), port: port)
    #expect(try bench.result(attempts) == .failed(detail: "name cannot be asked for"))
  }
}
