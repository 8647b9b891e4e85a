package import Configuration
package import Primitives

/// How virtual servers, real servers and targets stand in log lines, FIFO lines and dumps.
package enum DisplayName {
  /// `[192.0.2.1]:tcp:80`, `FWM 5`, `[GROUP]:0`.
  package static func of(_ server: VirtualServer) -> String {
    switch server.service {
    case .address(let address, let port): service(address, server.transport, port)
    case .mark(let mark): "FWM \(mark)"
    case .group(let name, let ordinal): "[\(name)]:\(ordinal)"
    }
  }

  /// `[192.0.2.1]:tcp:80`.
  package static func service(
    _ address: IPAddress, _ transport: TransportProtocol?, _ port: UInt16
  ) -> String {
    "[\(address)]:\(transport?.rawValue ?? "none"):\(port)"
  }

  /// `[192.0.2.1]:80`.
  package static func target(_ address: IPAddress, _ port: UInt16) -> String {
    "[\(address)]:\(port)"
  }
}
