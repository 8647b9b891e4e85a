import SystemIO

/// What a signal asks a process to write down.
package enum DumpRequest: CaseIterable, Hashable, Sendable {
  case data
  case statistics
  /// The statistics, which begin again at zero.
  case clearStatistics
  case json

  package var signal: Int32 {
    switch self {
    case .data: Signal.user1
    case .statistics: Signal.user2
    case .clearStatistics: Signal.clearStatistics
    case .json: Signal.json
    }
  }
}
