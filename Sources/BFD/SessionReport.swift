/// What VRRP and the checker are told of a session.
package enum SessionReport: UInt8, Hashable, Sendable {
  case down = 1
  case up = 3
}
