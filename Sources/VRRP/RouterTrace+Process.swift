package import Primitives

/// What concerns no virtual router of the process, or all of them.
extension RouterTrace {
  package enum Process: Hashable, Sendable {
    case packetTooShort(AddressFamily, hasAuthenticationHeader: Bool, octets: Int)
    case unknownVirtualRouter(VirtualRouterID, InterfaceIndex, source: IPAddress?)
    case startDelayed(Microseconds)
    case startDelayExtended(Microseconds)
    case startDelayPassed
    case startDelayCompleted
    case threadTimerExpired(Microseconds)

    func message(interface: (InterfaceIndex) -> String) -> String {
      switch self {
      case .packetTooShort(let family, let hasAuthenticationHeader, let octets):
        "IPv\(family.version) VRRP packet\(hasAuthenticationHeader ? " with AH" : "") too short -"
          + " \(octets) bytes"
      case .unknownVirtualRouter(let id, let index, let source):
        "Unknown VRID(\(id.rawValue)) received on interface(\(interface(index)))"
          + "\(source.map { " from \($0)" } ?? ""). ignoring..."
      case .startDelayed(let delay): "Delaying startup for \(delay.shortSecondsText) seconds"
      case .startDelayExtended(let delay):
        "Delaying startup for a further \(delay.shortSecondsText) seconds"
      case .startDelayPassed: "Reduced delayed start passed"
      case .startDelayCompleted: "Delayed start completed"
      case .threadTimerExpired(let late):
        "VRRP thread timer expired \(late.secondsText) seconds ago"
      }
    }
  }
}
