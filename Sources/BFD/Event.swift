/// What the system tells one session.
package enum Event: Hashable, Sendable {
  /// The answer to `openOutput`: packets can be sent now.
  case outputOpened
  /// The other answer: there is no socket, or it cannot be bound.
  case outputFailed
  /// The system refused a packet.
  case sendFailed
  /// The system took a packet, after it had refused one.
  case sendSucceeded
}
