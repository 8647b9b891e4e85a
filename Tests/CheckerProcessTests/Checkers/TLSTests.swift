import Configuration
import HealthChecking
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("SSL_GET", .enabled(if: OpenSSLServer.isInstalled), .serialized)
struct TLSTests {
  static let answer = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"

  /// Checks the file `a`.
  func result(
    port: UInt16, timeout: Microseconds = .seconds(10), settings: TLSClientSettings? = nil,
    on given: Bench? = nil, change: (inout HTTPCheck) -> Void = { _ in }
  ) throws -> CheckResult? {
    let bench = try given ?? Bench()
    #expect(bench.environment.loadTLS(settings))
    var check = HTTPCheck(connection: bench.connection(port, timeout: timeout), isTLS: true)
    check.urls = [HTTPCheck.URL(path: "/a")]
    change(&check)
    return try bench.result(bench.attempts(.http(check), port: port))
  }

  @Test("An answer over TLS is read and judged as any other", arguments: [false, true])
  func digest(isCompliant: Bool) throws {
    let server = try OpenSSLServer(answers: ["a": Self.answer])
    let result = try result(port: server.port) {
      $0.isTLSCompliant = isCompliant
      $0.urls[0].digest = HTTPTests.hello
    }
    #expect(result == .passed(proof: "MD5 digest success to"))
  }

  @Test("A body of many records is read to its end")
  func long() throws {
    let body = String(repeating: "0123456789abcdef", count: 20000)
    let server = try OpenSSLServer(
      answers: ["a": "HTTP/1.0 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"])
    let bench = try Bench()
    #expect(try result(port: server.port, on: bench) == HTTPTests.passed)
    // Nothing of the length was missing.
    #expect(bench.directory.logged == [])
  }

  @Test("The name of the server is told only if asked for")
  func serverName() throws {
    let names = "-servername right.example -servername_fatal -cert2 cert.pem -key2 key.pem"
    let server = try OpenSSLServer(names, answers: ["a": Self.answer])
    let failure = CheckResult.failed(detail: "SSL handshake/communication error connecting to")
    let right = try result(port: server.port) {
      $0.enablesSNI = true
      $0.sniName = "right.example"
    }
    #expect(right == HTTPTests.passed)
    let fallback = try result(port: server.port) {
      $0.enablesSNI = true
      $0.virtualHost = "wrong.example"
      $0.urls[0].virtualHost = "right.example"
    }
    #expect(fallback == HTTPTests.passed)
    let wrong = try result(port: server.port) {
      $0.enablesSNI = true
      $0.virtualHost = "wrong.example"
    }
    #expect(wrong == failure)
    #expect(try result(port: server.port) { $0.sniName = "wrong.example" } == HTTPTests.passed)
  }

  @Test("A client certificate is shown, its key opened with the password")
  func clientCertificate() throws {
    let server = try OpenSSLServer("-Verify 1 -verify_quiet -tls1_2", answers: ["a": Self.answer])
    var settings = TLSClientSettings()
    settings.certificate = server.directory("other.pem")
    settings.key = server.directory("locked.pem")
    settings.ca = server.directory("cert.pem")
    settings.password = "secret"
    #expect(try result(port: server.port, settings: settings) == HTTPTests.passed)
    #expect(
      try result(port: server.port)
        == .failed(detail: "SSL handshake/communication error connecting to"))
  }

  @Test("Files that cannot be loaded are named, and the password is not")
  func settings() throws {
    let server = try OpenSSLServer(answers: [:])
    var settings = TLSClientSettings()
    settings.certificate = server.directory("other.pem")
    settings.key = server.directory("locked.pem")
    for password in [nil, "wrong"] {
      let bench = try Bench()
      settings.password = password
      #expect(!bench.environment.loadTLS(settings))
      #expect(
        bench.directory.logged == [
          "SSL error : Cant load key file...", "Error Initialize SSL, ctx Instance",
          "  SSL  keyfile:\(server.directory("locked.pem"))", "  SSL   cafile:",
        ])
    }
    let bench = try Bench()
    settings.certificate = server.directory("none")
    #expect(!bench.environment.loadTLS(settings))
    #expect(bench.directory.logged.first == "SSL error : Cant load certificate file...")
  }

  @Test("What came before the connection was cut is judged, and the error is logged once")
  func truncated() throws {
    let server = try OpenSSLServer("-tls1_2", answers: ["a": Self.answer, "b": ""])
    let bench = try Bench()
    #expect(bench.environment.loadTLS(nil))
    var relays: [TLSRelay] = []
    let front = try ScriptedServer(on: bench.loop) { peer in
      if let relay = try? TLSRelay(peer, to: server.port, on: bench.loop) { relays.append(relay) }
    }
    var check = HTTPCheck(connection: bench.connection(front.port), isTLS: true)
    check.urls = [HTTPCheck.URL(path: "/a"), HTTPCheck.URL(path: "/b")]
    let attempts = bench.attempts(.http(check), port: front.port)
    for _ in 0..<2 { #expect(try bench.result(attempts) == HTTPTests.passed) }
    #expect(bench.directory.logged.count == 1)
    #expect(bench.directory.logged.first?.hasPrefix("SSL error 'error:0A000126:") == true)
    #expect(
      try bench.result(attempts, url: 1) == .failed(detail: "Read, no data received from "))
    #expect(relays.count == 3)
  }

  @Test(
    "Who says goodbye before the head is whole has failed",
    arguments: ["", "HTTP/1.0 200 OK\r\nX-"], ["-tls1_2", "-tls1_3"])
  func goodbye(answer: String, version: String) throws {
    let server = try OpenSSLServer(version, answers: ["a": answer])
    #expect(try result(port: server.port) == .failed(detail: "SSL read error from"))
  }

  @Test("A server that leaves the handshake half done is given up in time")
  func halfOpen() throws {
    let bench = try Bench()
    let silent = try ScriptedServer(on: bench.loop) { _ in }
    let late = try result(port: silent.port, timeout: .milliseconds(50), on: bench)
    #expect(late == .failed(detail: "Timeout connecting"))
    #expect(!(silent.peers.first?.received.isEmpty ?? true))
  }

  @Test(
    "A server that does not speak TLS fails",
    arguments: [
      [0x16, 3, 3, 0xff, 0xff] + [UInt8](repeating: 0, count: 300), Array("220 x\r\n".utf8), [],
    ])
  func garbage(_ answer: [UInt8]) throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { peer in
      peer.heard = { peer in
        peer.send(answer)
        peer.close()
      }
    }
    #expect(
      try result(port: server.port, on: bench)
        == .failed(detail: "SSL handshake/communication error connecting to"))
  }

  @Test("Without a context there is no connection")
  func noContext() throws {
    let bench = try Bench()
    let server = try ScriptedServer(on: bench.loop) { _ in }
    var check = HTTPCheck(connection: bench.connection(server.port), isTLS: true)
    check.urls = [HTTPCheck.URL(path: "/a")]
    let attempts = bench.attempts(.http(check), port: server.port)
    let text = "OpenSSL is missing for SSL_GET of"
    for _ in 0..<2 { #expect(try bench.result(attempts) == .failed(detail: text)) }
    #expect(bench.directory.logged == ["\(text) server \(Bench.names(server.port).realServer)"])
    #expect(server.peers.isEmpty)
  }
}
