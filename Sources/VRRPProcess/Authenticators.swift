import Logging
import SystemIO
import VRRP

/// HMAC by OpenSSL.
final class OpenSSLAuthenticator: Authenticator {
  private let hash: KeyedHash

  init?() {
    guard let hash = KeyedHash() else { return nil }
    self.hash = hash
  }

  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8] {
    hash.code(.md5, key: key, head, body) ?? [16 of UInt8](repeating: 0)
  }

  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    hash.code(.sha256, key: key, head, body, tail) ?? [32 of UInt8](repeating: 0)
  }
}

/// Loads OpenSSL when the first code is asked for: most configurations never do.
final class LazyAuthenticator: Authenticator {
  private let log: Log
  private var loaded: (any Authenticator)?

  init(log: Log) { self.log = log }

  private var authenticator: any Authenticator {
    if let loaded { return loaded }
    let authenticator: any Authenticator = OpenSSLAuthenticator() ?? missing()
    loaded = authenticator
    return authenticator
  }

  private func missing() -> any Authenticator {
    log.error("libcrypto.so.3 (OpenSSL 3) is missing: authenticated adverts cannot be checked")
    return NoAuthenticator()
  }

  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8] {
    authenticator.hmacMD5(key: key, over: head, body)
  }

  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    authenticator.hmacSHA256(key: key, over: head, body, tail)
  }
}

/// Codes that nobody else computes: what should be authenticated is refused.
final class NoAuthenticator: Authenticator {
  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8] {
    let half = KernelRandom.number
    return [16 of UInt8] { UInt8(truncatingIfNeeded: half >> UInt64($0 % 8 * 8)) }
  }

  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    let half = KernelRandom.number
    return [32 of UInt8] { UInt8(truncatingIfNeeded: half >> UInt64($0 % 8 * 8)) }
  }
}
