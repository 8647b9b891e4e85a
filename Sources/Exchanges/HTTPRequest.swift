package import Primitives

/// A GET request as HTTP_GET sends it.
package struct HTTPRequest: Hashable, Sendable {
  /// Octets of the longest one: what is beyond is not sent.
  private static let longest = 2047

  package let octets: [UInt8]

  package enum Version: Hashable, Sendable {
    case http10
    /// 1.0 with `Connection: close`.
    case http10Close
    /// With `Connection: close`.
    case http11
  }

  package init(path: String, host: String, version: Version) {
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
