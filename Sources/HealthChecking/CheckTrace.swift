package import Primitives

/// The log messages of health checking, with their wording in one place.
///
/// `server` and `service` are the names of the configuration's servers.
package enum CheckTrace: Hashable, Sendable {
  /// Detail is logged with `-D` only.
  package enum Level: Hashable, Sendable { case normal, detail }

  case activating(server: String, service: String)
  case deactivating(server: String, service: String)
  case suspending(server: String, service: String)
  /// A script that cannot run.
  case cannotCheck(server: String, service: String, command: String, isUp: Bool)
  case localAddress(IPAddress, isAdded: Bool)

  /// Into and out of the pool.
  case serverUp(server: String, service: String, inhibits: Bool)
  case serverDown(server: String, service: String, inhibits: Bool)
  case quorumGained(service: String, quorum: UInt32, hysteresis: UInt32, weight: Int64)
  case quorumLost(
    service: String, quorum: UInt32, hysteresis: UInt32, weight: Int64, isStart: Bool)
  case sorryServerUsed(server: String, service: String, inhibits: Bool)
  case sorryServerUnused(server: String, service: String, inhibits: Bool)
  case aliveServersAdded(service: String)
  case aliveServersRemoved(service: String)
  case weightChanged(server: String, service: String, from: UInt32, to: UInt32, isAlive: Bool)

  /// The stop and what a reload takes away.
  case shuttingDown(server: String, service: String, isInhibited: Bool)
  case removing(server: String, service: String, isInhibited: Bool)
  case removingVirtualServer(String)
  case removingGroup(String)
  case serverGone(String)

  /// What a check has found. The text is the whole line.
  case check(String)
  case checkDetail(String)

  package var level: Level {
    switch self {
    case .suspending, .localAddress, .checkDetail: .detail
    case .activating, .deactivating, .cannotCheck, .serverUp, .serverDown, .quorumGained,
      .quorumLost,
      .sorryServerUsed, .sorryServerUnused, .aliveServersAdded, .aliveServersRemoved,
      .weightChanged, .shuttingDown, .removing, .removingVirtualServer, .removingGroup,
      .serverGone, .check:
      .normal
    }
  }

  package var message: String {
    switch self {
    case .activating(let server, let service):
      "Activating healthchecker for service \(server) for VS \(service)"
    case .deactivating(let server, let service):
      "Deactivating healthchecker for service \(server) for VS \(service)"
    case .suspending(let server, let service):
      "Suspending healthchecker for service \(server) for VS \(service)"
    case .cannotCheck(let server, let service, let command, let isUp):
      "Service \(server) of VS \(service) \(isUp ? "is served unchecked" : "stays out of service"):"
        + " misc script \(command) cannot run"
    case .localAddress(let address, let isAdded):
      "Netlink reflector reports IP \(address) \(isAdded ? "added" : "removed")"
    case .serverUp(let server, let service, let inhibits):
      inhibits
        ? "Enabling service \(server) of VS \(service)"
        : "Adding service \(server) to VS \(service)"
    case .serverDown(let server, let service, let inhibits):
      inhibits
        ? "Disabling service \(server) of VS \(service)"
        : "Removing service \(server) from VS \(service)"
    case .quorumGained(let service, let quorum, let hysteresis, let weight):
      "Gained quorum \(quorum)+\(hysteresis)=\(Int64(quorum) + Int64(hysteresis)) <= \(weight)"
        + " for VS \(service)"
    case .quorumLost(let service, let quorum, let hysteresis, let weight, let isStart):
      Self.quorumLost(service, quorum, hysteresis, weight, isStart)
    case .sorryServerUsed(let server, let service, let inhibits):
      inhibits
        ? "Enabling sorry server \(server) of VS \(service)"
        : "Adding sorry server \(server) to VS \(service)"
    case .sorryServerUnused(let server, let service, let inhibits):
      inhibits
        ? "Disabling sorry server \(server) of VS \(service)"
        : "Removing sorry server \(server) from VS \(service)"
    case .aliveServersAdded(let service): "Adding alive servers to the pool for VS \(service)"
    case .aliveServersRemoved(let service):
      "Removing alive servers from the pool for VS \(service)"
    case .weightChanged(let server, let service, let from, let to, let isAlive):
      "Changing weight from \(from) to \(to) for \(isAlive ? "" : "in")active service \(server)"
        + " of VS \(service)"
    case .shuttingDown(let server, let service, let isInhibited):
      "Shutting down \(isInhibited ? "(inhibited) " : "")service \(server) from VS \(service)"
    case .removing(let server, let service, let isInhibited):
      "Removing \(isInhibited ? "(inhibited) " : "")service \(server) from VS \(service)"
    case .removingVirtualServer(let service): "Removing Virtual Server \(service)"
    case .removingGroup(let name): "Removing Virtual Server Group [\(name)]"
    case .serverGone(let server): "service \(server) no longer exist"
    case .check(let text), .checkDetail(let text): text
    }
  }

  private static func quorumLost(
    _ service: String, _ quorum: UInt32, _ hysteresis: UInt32, _ weight: Int64, _ isStart: Bool
  ) -> String {
    // Compatibility: at the start the sum is that for gaining it, whatever the sign says.
    let threshold = Int64(quorum) + (isStart ? 1 : -1) * Int64(hysteresis)
    return "\(isStart ? "Starting with quorum down" : "Lost quorum")"
      + " \(quorum)-\(hysteresis)=\(threshold) > \(weight) for VS \(service)"
  }
}
