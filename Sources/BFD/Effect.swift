package import Primitives
package import Wire

/// Something that the process layer does for the core. Effects are carried out in order.
package struct Effect: Hashable, Sendable {
  package enum Subject: Hashable, Sendable {
    case session(SessionIndex)
    /// The process: packets that belong to no session.
    case process
  }

  package enum Action: Hashable, Sendable {
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

  package var subject: Subject
  package var action: Action

  package init(_ subject: Subject, _ action: Action) {
    self.subject = subject
    self.action = action
  }
}
