package import Primitives
package import Wire

/// Something that the process layer does for the core. Effects are carried out in order.
package enum Effect: Hashable, Sendable {
  case session(SessionIndex, SessionEffect)
  /// Of packets that belong to no session.
  case process(ProcessEffect)
}

/// What is done for a session.
package enum SessionEffect: Hashable, Sendable {
  /// Encode and send to the neighbor.
  case sendPacket(BFDControlPacket)
  /// Open the session's output socket, closing one that is open, and say what came of it
  /// (`outputOpened`, `outputFailed`). Until then the session is silent.
  case openOutput
  /// Reload: the socket of this session of the old configuration goes on being the one of the
  /// new session. To be answered like `openOutput`.
  case keepOutput(SessionIndex)
  /// Tell VRRP and the checker, as far as the configuration wants it. Repeated at a reload.
  case report(SessionReport)
  /// When `timerFired` is to be called next; nil: not at all.
  case deadline(Instant?)
  case log(SessionTrace)
}

/// What is done for the process as a whole.
package enum ProcessEffect: Hashable, Sendable {
  case log(SessionTrace)
}
