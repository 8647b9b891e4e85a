/// The state of a BFD session, as its packets carry it (RFC 5880 4.1).
package enum BFDState: UInt8, Hashable, Sendable, CaseIterable {
  case adminDown = 0
  case down = 1
  /// Init.
  case initialize = 2
  case up = 3

  /// The low two bits count.
  package init(bits: UInt8) {
    switch bits & 3 {
    case 0: self = .adminDown
    case 1: self = .down
    case 2: self = .initialize
    default: self = .up
    }
  }
}

extension BFDState: CustomStringConvertible {
  package var description: String {
    switch self {
    case .adminDown: "AdminDown"
    case .down: "Down"
    case .initialize: "Init"
    case .up: "Up"
    }
  }
}
