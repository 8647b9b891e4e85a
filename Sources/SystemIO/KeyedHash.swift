import COpenSSL

/// HMAC (RFC 2104) by OpenSSL, which is loaded when the first one is made.
@safe package final class KeyedHash {
  private let library: copenssl
  private var message: [UInt8] = []
  private var code = [UInt8](repeating: 0, count: 64)

  /// Nil without OpenSSL 3 on the machine.
  package init?() {
    var library = unsafe copenssl()
    if unsafe copenssl_load(&library) != 0 { return nil }
    unsafe self.library = library
  }

  package enum Digest { case md5, sha256 }

  /// The code of the concatenated pieces; nil if the library refuses (a machine in FIPS mode has no
  /// MD5). Only `length` bytes of it are meant.
  package func code<let length: Int>(
    _ digest: Digest, key: Span<UInt8>, _ first: Span<UInt8>, _ second: Span<UInt8>,
    _ third: Span<UInt8> = Span()
  ) -> [length of UInt8]? {
    message.removeAll(keepingCapacity: true)
    for index in first.indices { message.append(first[index]) }
    for index in second.indices { message.append(second[index]) }
    for index in third.indices { message.append(third[index]) }
    let written = unsafe key.withUnsafeBufferPointer { key in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe code.withUnsafeMutableBufferPointer { code in
          unsafe withUnsafePointer(to: library) {
            unsafe copenssl_hmac(
              $0, digest == .sha256 ? 1 : 0, key.baseAddress, Int32(key.count),
              message.baseAddress, message.count, code.baseAddress)
          }
        }
      }
    }
    if written < length { return nil }
    return [length of UInt8] { code[$0] }
  }
}
