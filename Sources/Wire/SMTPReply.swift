/// A line that an SMTP server says (RFC 5321 4.2).
package struct SMTPReply: Hashable, Sendable {
  /// Octets of the longest line that is accepted.
  package static let longest = 511

  /// Three digits before a blank or the end of the line; nil if the line begins otherwise, as that
  /// of an answer of several lines does.
  package var code: UInt16?

  /// `buffer`: all that has come since the last line. Nil while the line has no end.
  package init?(decoding buffer: Span<UInt8>) {
    var end = 0
    while end < buffer.count, buffer[end] != UInt8(ascii: "\n") { end += 1 }
    if end == buffer.count { return nil }
    code = Self.code(in: buffer, before: end)
  }

  private static func code(in buffer: Span<UInt8>, before end: Int) -> UInt16? {
    // Compatibility: `250` with CR LF right behind it is refused.
    guard end >= 3, end == 3 || buffer[3] == UInt8(ascii: " ") else { return nil }
    var code: UInt16 = 0
    for index in 0..<3 {
      let digit = buffer[index] &- UInt8(ascii: "0")
      if digit > 9 { return nil }
      code = code * 10 + UInt16(digit)
    }
    return code
  }
}
