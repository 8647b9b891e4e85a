/// The settings of `auth_hmac`.
package struct AuthHMAC: Hashable, Sendable {
  package enum Mode: Hashable, Sendable { case receiveOnly, permissive, enforce }
  package enum ReplayProtection: Hashable, Sendable {
    /// Clocks may differ by `window` seconds.
    case time(window: UInt32)
    case monotonic
  }

  package struct Key: Hashable, Sendable {
    package var id: UInt8
    package var octets: [UInt8]
    package init(id: UInt8, octets: [UInt8]) {
      self.id = id
      self.octets = octets
    }
  }

  package var keys: [Key]
  package var activeKey: UInt8
  package var mode: Mode
  package var replayProtection: ReplayProtection

  package init(
    keys: [Key], activeKey: UInt8, mode: Mode = .enforce, replayProtection: ReplayProtection
  ) {
    self.keys = keys
    self.activeKey = activeKey
    self.mode = mode
    self.replayProtection = replayProtection
  }

  package var sends: Bool { mode != .receiveOnly }
}

/// Keyed hashes, which the core does not compute itself. The pieces are one message.
package protocol Authenticator: AnyObject {
  /// HMAC-MD5 (RFC 2104).
  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8]

  /// HMAC-SHA256 (RFC 4231).
  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8]
}
