package import Primitives
package import Wire

/// What dumps, SNMP, D-Bus and metrics read of a session (RFC 5880 6.8.1 has most of the names).
/// Nothing of it acts.
package protocol SessionView {
  var configuration: SessionConfiguration { get }
  var state: BFDState { get }
  var statistics: SessionStatistics { get }
  /// Nil before the first one.
  var lastTransition: Instant? { get }
  /// What the others were told last.
  var reported: SessionReport { get }
  var localDiscriminator: Discriminator { get }
  var localDiagnostic: BFDDiagnostic { get }
  var remoteState: BFDState { get }
  var remoteDiscriminator: Discriminator { get }
  var remoteDiagnostic: BFDDiagnostic { get }
  var remoteMinTx: Microseconds { get }
  var remoteMinRx: Microseconds { get }
  var remoteMultiplier: UInt8 { get }
  /// Between our packets, before jitter.
  var transmitInterval: Microseconds { get }
  /// After which the neighbor is taken for dead.
  var detectionTime: Microseconds { get }
  /// When the last packet came; nil before the first one.
  var lastSeen: Instant? { get }
  var hasOutput: Bool { get }
}

extension SessionStateMachine: SessionView {}

extension BFDSessions {
  /// All sessions, in the order of their indices.
  package var views: [any SessionView] { Array(sessions) }
}
