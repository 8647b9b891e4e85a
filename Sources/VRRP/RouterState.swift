/// The states of RFC 5798 6.4, and fault: something that the router needs is missing.
package enum RouterState: UInt8, Hashable, Sendable, CaseIterable {
  case initialize = 0
  case backup = 1
  case master = 2
  case fault = 3
}

/// A state as scripts, FIFOs and traps are told of it.
package enum NotifiedState: UInt8, Hashable, Sendable {
  case backup = 1
  case master = 2
  case fault = 3
  case deleted = 97
  case stop = 98

  /// The word in a FIFO line.
  package var word: String {
    switch self {
    case .backup: "BACKUP"
    case .master: "MASTER"
    case .fault: "FAULT"
    case .deleted: "DELETED"
    case .stop: "STOP"
    }
  }

  package init?(_ state: RouterState) {
    switch state {
    case .initialize: return nil
    case .backup: self = .backup
    case .master: self = .master
    case .fault: self = .fault
    }
  }
}
