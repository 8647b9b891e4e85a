package import Primitives

/// Connections of one client go to one real server.
package struct Persistence: Hashable, Sendable {
  /// Seconds.
  package var timeout: UInt32
  package var granularity: Granularity?
  /// IPVS's name of the persistence engine.
  package var engine: String?

  package init(timeout: UInt32 = 360) { self.timeout = timeout }

  package enum Granularity: Hashable, Sendable {
    case mask(IPv4Address)
    case prefix(UInt8)
  }
}
