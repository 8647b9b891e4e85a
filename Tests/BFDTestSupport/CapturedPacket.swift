/// What one system sent.
package struct CapturedPacket: Sendable {
  package let name: String
  /// `A` and `B` are keepalived, as `keepalived` is.
  package let sender: String
  package let octets: [UInt8]
  /// State, diagnostic, flags, multiplier, discriminators, intervals.
  package let meaning: String

  package init(_ name: String, from sender: String, _ hex: String, _ meaning: String) {
    self.name = name
    self.sender = sender
    octets = hex.octets
    self.meaning = meaning
  }

  package var isFromKeepalived: Bool { ["A", "B", "keepalived"].contains(sender) }
}

/// A packet that was sent to a keepalived, and what came of it.
package struct CraftedPacket: Sendable {
  package let name: String
  package let octets: [UInt8]
  package let hopLimit: UInt8
  /// The states of the receiver.
  package let before: String
  package let after: String
  package let isAccepted: Bool
  /// With `-D`, without the tables of parameters.
  package let log: [String]
  /// The next packet of the receiver.
  package let reply: [UInt8]?

  package init(
    _ name: String, _ hex: String, hopLimit: UInt8, before: String, isAccepted: Bool,
    after: String, log: [String], reply: String? = nil
  ) {
    self.name = name
    octets = hex.octets
    self.hopLimit = hopLimit
    self.before = before
    self.isAccepted = isAccepted
    self.after = after
    self.log = log
    self.reply = reply?.octets
  }
}

extension String {
  /// Of pairs of hexadecimal digits.
  fileprivate var octets: [UInt8] {
    var octets: [UInt8] = []
    var high: UInt8?
    for digit in self.compactMap(\.hexDigitValue) {
      let nibble = UInt8(digit)
      if let first = high {
        octets.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return octets
  }
}
