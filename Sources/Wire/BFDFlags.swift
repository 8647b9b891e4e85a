/// The flags of a BFD Control packet (RFC 5880 4.1): six bits.
package struct BFDFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// P: wants an answer, to confirm changed parameters.
  package static let poll = BFDFlags(rawValue: 0x20)
  /// F: the answer to a poll.
  package static let final = BFDFlags(rawValue: 0x10)
  /// C.
  package static let controlPlaneIndependent = BFDFlags(rawValue: 0x08)
  /// A: an authentication section follows.
  package static let authenticationPresent = BFDFlags(rawValue: 0x04)
  /// D: the sender wants no periodic packets while both sides are up.
  package static let demand = BFDFlags(rawValue: 0x02)
  /// M: reserved, always zero.
  package static let multipoint = BFDFlags(rawValue: 0x01)
}
