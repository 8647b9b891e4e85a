/// Keyed hashes, which the core does not compute itself. The pieces are one message.
package protocol Authenticator: AnyObject {
  /// HMAC-MD5 (RFC 2104).
  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8]

  /// HMAC-SHA256 (RFC 4231).
  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8]
}
