import COpenSSL

/// MD5 (RFC 1321) of what comes in pieces, by OpenSSL, which is loaded when the first one is made.
@safe package final class MessageDigest {
  private var library: copenssl_digest

  /// Nil without OpenSSL 3 on the machine, or without MD5 in it (FIPS mode).
  package init?() {
    var library = unsafe copenssl_digest()
    if unsafe copenssl_md5_open(&library) != 0 { return nil }
    unsafe self.library = library
    begin()
  }

  deinit { unsafe copenssl_digest_close(&library) }

  /// Forgets what was added.
  package func begin() { _ = unsafe copenssl_digest_begin(&library) }

  package func add(_ bytes: Span<UInt8>) {
    _ = unsafe bytes.withUnsafeBufferPointer {
      unsafe copenssl_digest_update(&library, $0.baseAddress, $0.count)
    }
  }

  /// 16 octets. `begin` must come before anything else is added.
  package func end() -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 16)
    _ = unsafe code.withUnsafeMutableBufferPointer {
      unsafe copenssl_digest_end(&library, $0.baseAddress)
    }
    return code
  }
}
