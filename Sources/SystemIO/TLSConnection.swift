import COpenSSL
import CLinux

/// What TLS connections of clients have in common: OpenSSL, loaded for it, and what it shows of
/// this side. The other side is never verified.
@safe package final class TLSContext {
  package enum Fault: Error, Hashable, Sendable {
    case noLibrary, noContext, badCA, badCertificate, badKey
  }

  fileprivate var library: copenssl_tls

  /// Names of PEM files; `password` opens the key.
  package init(
    password: String? = nil, ca: String? = nil, certificate: String? = nil, key: String? = nil
  ) throws(Fault) {
    // The library writes to sockets in a way that may cause the signal.
    clinux_ignore_signal(SIGPIPE)
    var library = unsafe copenssl_tls()
    let fault = unsafe withOptionalCString(password) { password in
      unsafe withOptionalCString(ca) { ca in
        unsafe withOptionalCString(certificate) { certificate in
          unsafe withOptionalCString(key) { key in
            unsafe copenssl_tls_open(&library, password, ca, certificate, key)
          }
        }
      }
    }
    switch fault {
    case copenssl_tls_fine: break
    case copenssl_tls_no_library: throw .noLibrary
    case copenssl_tls_bad_ca: throw .badCA
    case copenssl_tls_bad_certificate: throw .badCertificate
    case copenssl_tls_bad_key: throw .badKey
    default: throw .noContext
    }
    unsafe self.library = library
  }

  deinit { unsafe copenssl_tls_close(&library) }

  /// A connection over a connected socket, which stays the caller's and has to outlive it.
  /// `serverName` is told to the server (RFC 6066 3).
  package func connection(on socket: Int32, serverName: String?) -> TLSConnection? {
    let made = unsafe withOptionalCString(serverName) {
      unsafe copenssl_tls_make(&library, socket, $0)
    }
    guard let connection = unsafe made else { return nil }
    return unsafe TLSConnection(connection, self)
  }
}

private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return unsafe text.withCString { unsafe body($0) }
}

/// The client's side of a TLS connection over a socket that does not block.
@safe package final class TLSConnection {
  package enum Outcome {
    /// So many octets; 0 after a handshake.
    case done(Int)
    /// To be called again when the socket is ready for it.
    case wants(Readiness)
    /// The other side has said that nothing more comes.
    case ended
    case failed(TLSFault?)
  }

  /// Nil when it is closed.
  private var connection: UnsafeMutableRawPointer?
  private let context: TLSContext

  fileprivate init(_ connection: UnsafeMutableRawPointer, _ context: TLSContext) {
    unsafe self.connection = connection
    self.context = context
  }

  deinit { close(sayingGoodbye: false) }

  /// Must come before the socket is closed, with or without telling the other side (RFC 8446 6.1);
  /// a second time is harmless.
  package func close(sayingGoodbye: Bool) {
    guard let connection = unsafe connection else { return }
    unsafe copenssl_tls_free(&context.library, connection, sayingGoodbye ? 1 : 0)
    unsafe self.connection = nil
  }

  package func handshake() -> Outcome {
    guard let connection = unsafe connection else { return .ended }
    let result = unsafe copenssl_tls_connect(&context.library, connection)
    return unsafe result == 1 ? .done(0) : outcome(of: result, connection)
  }

  package func write(_ bytes: [UInt8], from offset: Int) -> Outcome {
    guard let connection = unsafe connection else { return .ended }
    let result = unsafe bytes.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropFirst(offset))
      return unsafe copenssl_tls_write(
        &context.library, connection, rest.baseAddress, Int32(clamping: rest.count))
    }
    return unsafe result > 0 ? .done(Int(result)) : outcome(of: result, connection)
  }

  package func read(into buffer: ReceiveBuffer, at offset: Int, limit: Int) -> Outcome {
    guard let connection = unsafe connection else { return .ended }
    let result = unsafe buffer.withRoom(at: offset, limit: limit) { room in
      unsafe copenssl_tls_read(
        &context.library, connection, room.baseAddress, Int32(clamping: room.count))
    }
    return unsafe result > 0 ? .done(Int(result)) : outcome(of: result, connection)
  }

  private func outcome(of result: Int32, _ connection: UnsafeMutableRawPointer) -> Outcome {
    switch unsafe copenssl_tls_outcome(&context.library, connection, result) {
    case copenssl_tls_wants_read: return .wants(.readable)
    case copenssl_tls_wants_write: return .wants(.writable)
    case copenssl_tls_ended: return .ended
    default: return .failed(fault)
    }
  }

  private var fault: TLSFault? {
    var error = unsafe copenssl_tls_error()
    guard unsafe copenssl_tls_error(&context.library, &error) != 0 else { return nil }
    let text = unsafe withUnsafeBytes(of: error.text) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return unsafe TLSFault(
      code: UInt64(error.code), text: text, file: String(cString: error.file), line: error.line,
      function: String(cString: error.function), data: String(cString: error.data),
      flags: error.flags)
  }
}

/// What OpenSSL says of a failure.
package struct TLSFault: Hashable, Sendable {
  package var code: UInt64
  package var text: String
  package var file: String
  package var line: Int32
  package var function: String
  package var data: String
  package var flags: Int32
}
