import Configuration
import Notification
import VRRP

/// What the VRRP process announces: what becomes of instances and groups.
enum VRRPSubject: AnnouncedSubject {
  typealias State = NotifiedState

  /// Why an instance is in its state.
  enum Reason: Hashable, Sendable {
    case master(MasterReason)
    case fault(FaultReasons)
  }

  case instance(VRRPInstance)
  case group(VRRPSyncGroup)

  /// In FIFO lines and arguments of scripts.
  var kind: String {
    switch self {
    case .instance: "INSTANCE"
    case .group: "GROUP"
    }
  }

  var name: String {
    switch self {
    case .instance(let instance): instance.name
    case .group(let group): group.name
    }
  }
}

extension Announcement<VRRPSubject> {
  /// `INSTANCE "A" MASTER 100` and a line feed.
  var fifoLine: String {
    let word =
      switch occasion {
      case .transition, .confirmation, .removal: state.word
      case .priorityChange: state == .master ? "MASTER_PRIORITY" : "BACKUP_PRIORITY"
      case .lowerPriority: "MASTER_RX_LOWER_PRI"
      }
    return "\(subject.kind) \"\(subject.name)\" \(word) \(priority)\n"
  }
}
