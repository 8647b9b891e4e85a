/// What became of a packet.
package enum Reception: Hashable, Sendable {
  case accepted(SessionIndex)
  case discarded(DiscardRule)
}
