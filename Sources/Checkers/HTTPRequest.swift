package import Configuration
package import Primitives

/// A GET request as checks send it.
package struct HTTPRequest: Hashable, Sendable {
  /// Octets of the longest one: what is beyond is not sent.
  private static let longest = 2047

  package let octets: [UInt8]

  package init(path: String, host: String, version: HTTPCheck.Version) {
    let number = version == .http11 ? 1 : 0
    let connection = version == .http10 ? "" : "Connection: close\r\n"
    let text =
      "GET \(path) HTTP/1.\(number)\r\nUser-Agent: KeepAliveClient\r\n\(connection)"
      + "Host: \(host)\r\n\r\n"
    octets = Array(text.utf8.prefix(Self.longest))
  }

  /// What stands for the name of a server that has none.
  package static func host(_ address: IPAddress, port: UInt16) -> String {
    address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
