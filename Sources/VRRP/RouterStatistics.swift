/// The counters of one virtual router. They survive a reload.
package struct RouterStatistics: Hashable, Sendable {
  package var advertisementsReceived: UInt64 = 0
  /// Each advertisement once, however many peers it goes to.
  package var advertisementsSent: UInt64 = 0
  package var becameMaster: UInt64 = 0
  package var releasedMaster: UInt64 = 0
  package var packetLengthErrors: UInt64 = 0
  package var advertisementIntervalErrors: UInt64 = 0
  package var ipTTLErrors: UInt64 = 0
  package var invalidTypesReceived: UInt64 = 0
  package var addressListErrors: UInt64 = 0
  package var invalidAuthenticationTypes: UInt64 = 0
  package var authenticationTypeMismatches: UInt64 = 0
  package var authenticationFailures: UInt64 = 0
  package var trailersMissing: UInt64 = 0
  package var trailersMalformed: UInt64 = 0
  package var trailersWithUnknownKey: UInt64 = 0
  package var trailersInvalid: UInt64 = 0
  package var trailersStale: UInt64 = 0
  package var trailersReplayed: UInt64 = 0
  package var priorityZeroReceived: UInt64 = 0
  package var priorityZeroSent: UInt64 = 0
  package var versionErrors: UInt64 = 0
  package var checksumErrors: UInt64 = 0
  package var virtualRouterIDErrors: UInt64 = 0

  package init() {}
}

/// Why a virtual router became MASTER (RFC 6527, vrrpv3OperationsStatus).
package enum MasterReason: UInt8, Hashable, Sendable {
  case notMaster = 0
  case priority = 1
  case preempted = 2
  case masterNoResponse = 3
}
