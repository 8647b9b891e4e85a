package import Primitives

/// The beginning and the end.
extension BFDSessions {
  /// Asks for the sockets and reports every session as down.
  package mutating func start(at now: Instant, into effects: inout [Effect]) {
    for index in sessions.indices { sessions[index].start(into: &effects) }
    publishAllDeadlines(into: &effects)
  }

  /// Compatibility: no packet says farewell and nobody is told.
  package mutating func shutdown(at now: Instant, into effects: inout [Effect]) {
    for index in sessions.indices { sessions[index].stop(at: now) }
    publishAllDeadlines(into: &effects)
  }
}
