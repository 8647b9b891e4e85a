/// The counters of one session. They survive a reload.
package struct SessionStatistics: Hashable, Sendable {
  package var packetsReceived: UInt64 = 0
  package var packetsSent: UInt64 = 0
  package var becameUp: UInt64 = 0
  package var becameDown: UInt64 = 0
  package var detectionTimeExpired: UInt64 = 0
  /// Packets of this session that were discarded.
  package var discards = DiscardStatistics()

  package init() {}
}

/// How many packets each rule has cost.
package struct DiscardStatistics: Hashable, Sendable {
  private var counts = ContiguousArray<UInt64>(repeating: 0, count: DiscardRule.allCases.count)

  package init() {}

  package internal(set) subscript(_ rule: DiscardRule) -> UInt64 {
    get { counts[Int(rule.rawValue)] }
    set { counts[Int(rule.rawValue)] = newValue }
  }

  package var total: UInt64 { counts.reduce(0, &+) }
}
