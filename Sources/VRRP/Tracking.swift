/// That a virtual router tracks a thing, how much it counts, and what is known of it.
///
/// Trackings of a sync group are given to each of its members.
package struct Tracking: Hashable, Sendable {
  package var tracker: TrackerID
  /// The name in messages.
  package var name: String
  package var weight: Int
  package var isReversed: Bool
  package var status: TrackerStatus

  package init(
    _ tracker: TrackerID, name: String = "", weight: Int = 0, isReversed: Bool = false,
    status: TrackerStatus
  ) {
    self.tracker = tracker
    self.name = name
    self.weight = weight
    self.isReversed = isReversed
    self.status = status
  }

  private static let weights = -253...253
  private static let fault = -254

  /// A file's value times its weight, between fault (-254) and 253.
  private func product(_ value: Int) -> Int {
    let (product, overflow) = value.multipliedReportingOverflow(by: weight)
    let isNegative = (value < 0) != (weight < 0)
    let bounded = overflow ? (isNegative ? -1000 : 1000) : min(max(product, -1000), 1000)
    return min(max(isReversed ? -bounded : bounded, Self.fault), Self.weights.upperBound)
  }

  /// Whether the status is a reason for fault.
  package var isFault: Bool {
    switch status {
    case .initializing, .reloading: false
    case .up: weight == 0 && isReversed
    case .down: weight == 0 && !isReversed
    case .value(let value):
      weight == 0 ? (value != 0) != isReversed : product(value) <= Self.fault
    }
  }

  /// What the status adds to the base priority.
  package var contribution: Int {
    guard weight != 0 else { return 0 }
    let signed = isReversed ? -weight : weight
    switch status {
    case .initializing, .reloading: return 0
    case .up: return weight > 0 ? signed : 0
    case .down: return weight < 0 ? signed : 0
    case .value(let value):
      let product = product(value)
      return product <= Self.fault ? 0 : product
    }
  }

  /// An unweighted script holds its router back until its first result.
  package var isPending: Bool { weight == 0 && status == .initializing }
}

/// A thing that is tracked. The process layer numbers the things of each kind as it likes.
package struct TrackerID: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    case interface
    /// The configured interface under a virtual MAC interface.
    case baseInterface
    case script, file, process, bfd
  }

  package var kind: Kind
  package var number: UInt32

  package init(_ kind: Kind, _ number: UInt32) {
    self.kind = kind
    self.number = number
  }
}

/// What is known of a tracked thing.
package enum TrackerStatus: Hashable, Sendable {
  /// A script that has not ended once since the start: holds an unweighted router back.
  case initializing
  /// A script that is new at a reload: nothing is known, and nothing is held back.
  case reloading
  case up
  case down
  /// The number in a tracked file.
  case value(Int)
}
