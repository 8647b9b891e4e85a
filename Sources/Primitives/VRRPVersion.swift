/// The protocol versions: 2 (RFC 3768) and 3 (RFC 5798, RFC 9568).
package enum VRRPVersion: UInt8, Hashable, Sendable {
  case two = 2
  case three = 3
}
