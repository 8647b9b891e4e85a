package import Configuration
import IPVS
import Primitives

/// A virtual server: whether enough of its real servers are alive.
package struct VirtualServerState: Hashable, Sendable {
  package let definition: VirtualServer
  package let name: String
  /// Its real servers among those of all.
  package let servers: Range<Int>
  package internal(set) var hasQuorum = false
  package internal(set) var usesSorryServer = false
  /// Interfaces that have its address, for `ha_suspend`.
  var localAddresses = 0

  init(_ definition: VirtualServer, servers: Range<Int>) {
    self.definition = definition
    self.servers = servers
    name = definition.name
  }

  var sorryServerName: String {
    definition.sorryServer?.name(definition.transport) ?? ""
  }
}

/// A real server of one virtual server.
package struct RealServerState: Hashable, Sendable {
  package let definition: RealServer
  package let virtualServer: VirtualServerIndex
  private let transport: TransportProtocol?
  /// Its checkers among those of all.
  package let checkers: Range<Int>
  package internal(set) var isAlive = false
  /// A reload has taken it over from the configuration before.
  var isKept = false

  init(
    _ definition: RealServer, _ transport: TransportProtocol?, virtualServer: VirtualServerIndex,
    checkers: Range<Int>
  ) {
    self.definition = definition
    self.transport = transport
    self.virtualServer = virtualServer
    self.checkers = checkers
  }

  /// As logs and FIFOs show it.
  package var name: String {
    definition.name(transport)
  }
}

/// What IPVS shall hold of a virtual server: a real server, by its place in the configuration, or
/// the sorry server, with its weight.
package struct PoolMember: Hashable, Sendable {
  package enum Server: Hashable, Sendable {
    case real(Int)
    case sorry
  }

  package var server: Server
  package var weight: UInt32
}
