/// The reasons for which a packet is not looked at any further, in the order of the checks
/// (RFC 5880 6.8.6, RFC 5881 5).
package enum DiscardRule: UInt8, Hashable, Sendable, CaseIterable {
  case truncated
  case tooSmall
  case lengthMismatch
  case version
  case multiplierZero
  case multipoint
  case myDiscriminatorZero
  case yourDiscriminatorZero
  case pollAndFinal
  case diagnostic
  case noSession
  case hopLimit
  case authentication
  case adminDown
}
