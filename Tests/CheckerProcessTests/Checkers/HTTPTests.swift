import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("HTTP_GET")
struct HTTPTests {
  /// MD5 of `hello`.
  static let hello: [UInt8] = [
    0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76, 0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92,
  ]

  static let passed = CheckResult.passed(proof: "HTTP status code success to")
  static let noData = CheckResult.failed(detail: "Read, no data received from ")
  static let wrongStatus = CheckResult.failed(detail: "HTTP status code error to")

  /// Checks one url against a server that answers with `answer`.
  func result(
    of answer: String, timeout: Microseconds = .seconds(5), on given: Bench? = nil,
    change: (inout HTTPCheck.URL) -> Void = { _ in }
  ) throws -> CheckResult? {
    try result(timeout: timeout, on: given, change: change) { peer in
      peer.send(answer)
      peer.close()
    }
  }

  /// As above, against a server that reacts to the request as a whole.
  func result(
    timeout: Microseconds = .seconds(5), on given: Bench? = nil,
    change: (inout HTTPCheck.URL) -> Void = { _ in },
    answer: @escaping (ScriptedServer.Peer) -> Void
  ) throws -> CheckResult? {
    let bench = try given ?? Bench()
    let server = try ScriptedServer(on: bench.loop) { peer in
      peer.heard = { peer in
        if peer.text.hasSuffix("\r\n\r\n") { answer(peer) }
      }
    }
    var check = HTTPCheck(connection: bench.connection(server.port, timeout: timeout), isTLS: false)
    var url = HTTPCheck.URL(path: "/a")
    change(&url)
    check.urls = [url]
    return try bench.result(bench.attempts(.http(check), port: server.port))
  }

  @Test("The request is exactly the reference's")
  func request() throws {
    let bench = try Bench()
    var requests: [String] = []
    let server = try ScriptedServer(on: bench.loop) { peer in
      peer.heard = { peer in
        requests.append(peer.text)
        peer.send("HTTP/1.0 200 OK\r\n\r\n")
        peer.close()
      }
    }
    var check = HTTPCheck(connection: bench.connection(server.port), isTLS: false)
    var url = HTTPCheck.URL(path: "/x?y")
    var second = url
    second.virtualHost = "url.example"
    url.path = "/" + String(repeating: "p", count: 3000)
    check.urls = [HTTPCheck.URL(path: "/x?y"), second, url]
    for version in [HTTPCheck.Version.http10, .http10Close, .http11] {
      check.version = version
      let attempts = bench.attempts(.http(check), port: server.port)
      for url in 0...1 { #expect(try bench.result(attempts, url: url) == Self.passed) }
    }
    var names = Bench.names(server.port)
    names.virtualServerVirtualHost = "vs.example"
    #expect(try bench.result(bench.attempts(.http(check), names: names)) == Self.passed)
    let head = "User-Agent: KeepAliveClient\r\n"
    let host = "Host: 127.0.0.1:\(server.port)\r\n\r\n"
    let close = "Connection: close\r\n"
    #expect(
      requests == [
        "GET /x?y HTTP/1.0\r\n\(head)\(host)",
        "GET /x?y HTTP/1.0\r\n\(head)Host: url.example\r\n\r\n",
        "GET /x?y HTTP/1.0\r\n\(head)\(close)\(host)",
        "GET /x?y HTTP/1.0\r\n\(head)\(close)Host: url.example\r\n\r\n",
        "GET /x?y HTTP/1.1\r\n\(head)\(close)\(host)",
        "GET /x?y HTTP/1.1\r\n\(head)\(close)Host: url.example\r\n\r\n",
        "GET /x?y HTTP/1.1\r\n\(head)\(close)Host: vs.example\r\n\r\n",
      ])
    // What is too long is cut.
    _ = try bench.result(bench.attempts(.http(check), port: server.port), url: 2)
    #expect(requests.last?.utf8.count == 2047)
  }

  @Test(
    "The status is three digits between blanks",
    arguments: [
      ("HTTP/1.0 200 OK\r\n\r\n", Self.passed), ("HTTP/1.0 200 \r\n\r\n", Self.passed),
      ("\0\0 204 x\r\n\r\n", Self.passed), ("HTTP/1.0 200\r\n\r\n", Self.wrongStatus),
      ("HTTP/1.0  200 OK\r\n\r\n", Self.wrongStatus),
      ("HTTP/1.0 0200 OK\r\n\r\n", Self.wrongStatus),
      ("HTTP/1.0 404 Not Found\r\n\r\n", Self.wrongStatus),
      ("garbage\r\n\r\n", Self.wrongStatus), ("\r\n\r\n", Self.wrongStatus),
      ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", Self.wrongStatus),
      ("HTTP/1.0 200 OK\n\n", Self.noData), ("", Self.noData), ("HTTP/1.0 200 OK\r\n", Self.noData),
    ])
  func status(answer: String, expected: CheckResult) throws {
    #expect(try result(of: answer) == expected)
  }

  @Test("The digest is that of the body, as far as its length says")
  func digest() throws {
    let proof = CheckResult.passed(proof: "MD5 digest success to")
    let wrong = CheckResult.failed(detail: "MD5 digest error to")
    let head = "HTTP/1.0 200 OK\r\n"
    for (answer, expected) in [
      ("\(head)\r\nhello", proof), ("\(head)\r\nhell", wrong),
      ("\(head)Content-Length: 5\r\n\r\nhello, world", proof),
      ("\(head)Content-Length: 9\r\n\r\nhello", proof),
      ("\(head)content-length: 4\r\n\r\nhello", proof),
    ] {
      #expect(try result(of: answer) { $0.digest = Self.hello } == expected)
    }
    // In pieces of one octet.
    let pieces = Array("\(head)\r\nhello".utf8).map { [$0] }
    let drip = try result(change: { $0.digest = Self.hello }) { peer in
      peer.send(pieces) { peer.close() }
    }
    #expect(drip == proof)
  }

  @Test("A wrong length is logged once")
  func length() throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { peer in
      peer.heard = { peer in
        peer.send("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhello")
        peer.close()
      }
    }
    var check = HTTPCheck(connection: bench.connection(server.port), isTLS: false)
    check.urls = [HTTPCheck.URL(path: "/a")]
    let attempts = bench.attempts(.http(check), port: server.port)
    for _ in 0..<3 { #expect(try bench.result(attempts) == Self.passed) }
    #expect(
      bench.directory.logged == [
        "http_check for RS [127.0.0.1]:tcp:\(server.port) VS [10.0.0.1]:tcp:80 url /a:"
          + " content_length (9) does not match received bytes (5)"
      ])
  }

  @Test("Without an end of its head an answer is none, however long it goes on")
  func endlessHead() throws {
    let line = "X-Endless: \(String(repeating: "x", count: 100))\r\n"
    let result = try result { peer in
      peer.send("HTTP/1.0 200 OK\r\n")
      peer.send(Array(line.utf8), forEver: .milliseconds(1))
    }
    #expect(result == Self.noData)
  }

  @Test("4095 octets of head are accepted, 4096 are not")
  func longestHead() throws {
    let start = "HTTP/1.0 200 OK\r\nX: "
    for (length, expected) in [(4095, Self.passed), (4096, Self.noData)] {
      let filling = String(repeating: "x", count: length - start.utf8.count - 4)
      #expect(try result(of: start + filling + "\r\n\r\nbody") == expected)
    }
  }

  @Test("A server that says nothing, or nothing more, is given up")
  func silence() throws {
    let limit = Microseconds.milliseconds(50)
    #expect(try result(timeout: limit) { _ in } == .failed(detail: "Timeout WEB read"))
    let half = try result(timeout: limit) { $0.send("HTTP/1.0 200 OK\r\n\r\nhello") }
    #expect(half == .failed(detail: "Timeout HTTP read"))
  }

  @Test("A body that never ends is given up in the end")
  func endlessBody() throws {
    let start = Clock.now
    let result = try result(timeout: .milliseconds(10)) { peer in
      peer.send("HTTP/1.0 200 OK\r\n\r\n")
      peer.send([1], forEver: .milliseconds(1))
    }
    #expect(result == .failed(detail: "Timeout HTTP read"))
    #expect(Clock.now - start < .seconds(15))
  }

  @Test("A body of megabytes is read to its end")
  func hugeBody() throws {
    let piece = [UInt8](repeating: 7, count: 32768)
    let result = try result(change: { $0.digest = Self.hello }) { peer in
      peer.send("HTTP/1.0 200 OK\r\n\r\n")
      peer.send(Array(repeating: piece, count: 64)) { peer.close() }
    }
    #expect(result == .failed(detail: "MD5 digest error to"))
  }

  @Test("A server that breaks off fails")
  func reset() throws {
    let result = try result { peer in
      peer.send("HTTP/1.0 200 OK\r\n")
      peer.reset()
    }
    #expect(result == .failed(detail: "Read error with"))
  }

  @Test("A server that is not there fails")
  func refused() throws {
    let bench = try Bench()
    var check = HTTPCheck(
      connection: bench.connection(try ScriptedServer.closedPort()), isTLS: false)
    check.urls = [HTTPCheck.URL(path: "/")]
    #expect(
      try bench.result(bench.attempts(.http(check))) == .failed(detail: "Connection failed"))
    check.connection.address = .ipv4(IPv4Address(bits: 0x7fff_ffff))
    #expect(
      try bench.result(bench.attempts(.http(check)))
        == .failed(detail: "HTTP/SSL_CHECK - network unreachable"))
  }
}
