package import IPVS
package import Primitives

// How log lines, FIFO lines, mails and dumps call them.

extension VirtualServer {
  /// `[ADDRESS]:tcp:PORT`, `FWM MARK` or `[GROUP]:ORDINAL`.
  package var name: String {
    switch service {
    case .address(let address, let port): realServerName(address, port, transport)
    case .mark(let mark): "FWM \(mark)"
    case .group(let name, let ordinal): "[\(name)]:\(ordinal)"
    }
  }
}

extension RealServer {
  /// `[ADDRESS]:tcp:PORT`, with the transport protocol of its virtual server.
  package func name(_ transport: TransportProtocol?) -> String {
    realServerName(address, port, transport)
  }
}

extension SorryServer {
  /// `[ADDRESS]:tcp:PORT`, with the transport protocol of its virtual server.
  package func name(_ transport: TransportProtocol?) -> String {
    realServerName(address, port, transport)
  }
}

extension CheckConnection {
  /// `[ADDRESS]:PORT`.
  package var name: String { "[\(address)]:\(port)" }
}

/// `[ADDRESS]:tcp:PORT`: a real server where only this of it is at hand.
package func realServerName(
  _ address: IPAddress, _ port: UInt16, _ transport: TransportProtocol?
) -> String {
  "[\(address)]:\(transport?.rawValue ?? "none"):\(port)"
}
