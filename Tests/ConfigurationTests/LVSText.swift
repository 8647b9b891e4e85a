import Configuration
import Primitives
import Testing

/// A virtual server of which nothing is to be said, with more lines from line 5 on and a real
/// server behind them.
func virtualServer(
  _ lines: String, service: String = "192.0.2.1 80", settings: String = "protocol TCP",
  server: String = "real_server 198.51.100.1 80 {\n}"
) -> String {
  """
  virtual_server \(service) {
  lb_algo rr
  lb_kind NAT
  \(settings)
  \(lines)
  \(server)
  }

  """
}

/// The same with a real server that has more lines, from line 7 on.
func realServer(_ lines: String, address: String = "198.51.100.1 80") -> String {
  virtualServer("weight 1", server: "real_server \(address) {\n\(lines)\n}")
}

/// The same with a checker that has more lines, from line 8 on.
func checker(_ kind: String, _ lines: String, address: String = "198.51.100.1 80") -> String {
  realServer("\(kind) {\n\(lines)\n}", address: address)
}

extension ReadingOutcome {
  func virtualServer() throws -> VirtualServer {
    try #require(configuration.lvs.virtualServers.first)
  }

  func realServer() throws -> RealServer { try #require(virtualServer().realServers.first) }
  func checker() throws -> Checker { try #require(realServer().checkers.first) }
  func connection() throws -> CheckConnection { try #require(checker().connection) }

  func http() throws -> HTTPCheck {
    guard case .http(let check) = try checker().kind else {
      throw Unexpected(checker: try checker())
    }
    return check
  }
}

struct Unexpected: Error {
  var checker: Checker
}

extension IPAddress: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) {
    self = IPAddress(parsing: text) ?? .ipv4(.any)
  }
}
