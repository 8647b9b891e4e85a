import CLinux
import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("PING_CHECK")
struct PingTests {
  /// Whether this process may open such sockets (ping_group_range).
  static let isPermitted: Bool = {
    let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), Int32(IPPROTO_ICMP))
    if number >= 0 { close(number) }
    return number >= 0
  }()

  @Test("This host answers, again and again on one socket", .enabled(if: isPermitted))
  func passed() throws {
    let bench = try Bench()
    let attempts = bench.attempts(.ping(bench.connection(7)))
    for _ in 0..<3 { #expect(try bench.result(attempts) == .passed(proof: nil)) }
    attempts?.cancel()
    #expect(try bench.result(attempts) == .passed(proof: nil))
    #expect(bench.directory.logged == [])
  }

  @Test("IPv6 as well", .enabled(if: isPermitted))
  func ipv6() throws {
    let bench = try Bench()
    var connection = bench.connection(0)
    connection.address = .ipv6(IPv6Address(high: 0, low: 1))
    #expect(try bench.result(bench.attempts(.ping(connection))) == .passed(proof: nil))
  }

  @Test("An address that cannot be reached fails", .enabled(if: isPermitted))
  func failed() throws {
    let bench = try Bench()
    var connection = bench.connection(0, timeout: .milliseconds(50))
    connection.address = .ipv4(IPv4Address(bits: 0x7fff_ffff))
    let result = try bench.result(bench.attempts(.ping(connection)))
    let names = Bench.names(0)
    #expect(
      [
        CheckResult.failed(
          detail: "ICMP connection to \(names.realServer) of \(names.virtualServer) failed."),
        .failed(detail: "ICMP connection to address \(names.realServer) timeout."),
      ].contains(result))
  }

  @Test("Without the right to it, which nobody gives back, it fails", .enabled(if: !isPermitted))
  func notPermitted() throws {
    let bench = try Bench()
    let names = Bench.names(0)
    let attempts = bench.attempts(.ping(bench.connection(0)))
    for _ in 0..<2 {
      #expect(
        try bench.result(attempts)
          == .failed(
            detail: "ICMP connection to \(names.realServer) of \(names.virtualServer) failed."))
    }
    #expect(bench.directory.logged == ["Checker can't create socket: Permission denied"])
  }
}
