import VRRP

/// Keyed hashes by `MessageDigest`.
package final class TestAuthenticator: Authenticator {
  package init() {}

  package func hmacMD5(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>
  ) -> [16 of UInt8] {
    let code = MessageDigest.hmac(
      MessageDigest.md5, key: Array(copying: key), Array(copying: head) + Array(copying: body))
    var result = [16 of UInt8](repeating: 0)
    for index in 0..<16 { result[index] = code[index] }
    return result
  }

  package func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    let message = Array(copying: head) + Array(copying: body) + Array(copying: tail)
    let code = MessageDigest.hmac(MessageDigest.sha256, key: Array(copying: key), message)
    var result = [32 of UInt8](repeating: 0)
    for index in 0..<32 { result[index] = code[index] }
    return result
  }
}

extension [UInt8] {
  package init(copying span: Span<UInt8>) {
    self = []
    reserveCapacity(span.count)
    for index in span.indices { append(span[index]) }
  }
}
