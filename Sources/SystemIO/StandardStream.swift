import CLinux

/// The standard streams.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes what the stream takes at once; nobody is told of a failure.
  package func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { unsafe CLinux.write(rawValue, $0.baseAddress, $0.count) }
  }

  /// As above, for what need not be text.
  package func write(_ octets: [UInt8]) {
    _ = unsafe octets.withUnsafeBytes {
      unsafe CLinux.write(rawValue, $0.baseAddress, $0.count)
    }
  }

  package var isTerminal: Bool { isatty(rawValue) == 1 }
}
