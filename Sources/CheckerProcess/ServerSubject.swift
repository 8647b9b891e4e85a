import Configuration
import Notification

/// What the checker process announces: servers and their quorums that come and go.
enum ServerSubject: AnnouncedSubject {
  enum State: Hashable, Sendable { case up, down }
  /// Why it is down although it may be well.
  enum Reason: Hashable, Sendable { case stop }

  case realServer(RealServer, name: String, service: String)
  case virtualServer(VirtualServer, name: String)
}

extension Announcement<ServerSubject> {
  /// `RS [10.0.0.1]:tcp:80 [10.0.0.2]:tcp:80 UP`. Compatibility: a NUL follows each line.
  var fifoLine: String {
    let word = state == .up ? "UP" : "DOWN"
    return switch subject {
    case .realServer(_, let name, let service): "RS \(name) \(service) \(word)\n\0"
    case .virtualServer(_, let name): "VS \(name) \(word)\n\0"
    }
  }
}
