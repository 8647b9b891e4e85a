import Primitives

/// The timers of one virtual router, multiplexed into one deadline.
struct RouterTimers: Sendable {
  enum Kind: Int, CaseIterable {
    /// MASTER: the next advertisement. BACKUP: the MASTER is down.
    case election
    /// The burst `garp_master_delay` after becoming MASTER.
    case delayedBurst
    case lowerPriorityBurst
    case refresh
    case extraInterface
    /// Another owner of the addresses had time enough to stop.
    case rogueOwner
  }

  private var deadlines = [6 of Instant](repeating: .distantFuture)

  subscript(_ kind: Kind) -> Instant? {
    get { deadlines[kind.rawValue] == .distantFuture ? nil : deadlines[kind.rawValue] }
    set { deadlines[kind.rawValue] = newValue ?? .distantFuture }
  }

  var next: Instant? {
    var first = Instant.distantFuture
    for index in deadlines.indices where deadlines[index] < first { first = deadlines[index] }
    return first == .distantFuture ? nil : first
  }

  /// Takes a timer away if it has expired.
  mutating func take(_ kind: Kind, at now: Instant) -> Bool {
    guard deadlines[kind.rawValue] <= now else { return false }
    deadlines[kind.rawValue] = .distantFuture
    return true
  }

  mutating func cancelAll() {
    for index in deadlines.indices { deadlines[index] = .distantFuture }
  }
}
