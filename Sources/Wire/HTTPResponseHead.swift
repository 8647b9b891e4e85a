/// The head of an HTTP answer (RFC 9112 2.1), as far as a health check looks at it.
///
/// It ends at the first empty line; a bare LF does not end a line. The protocol's name is not
/// looked at, and an interim answer counts as the answer.
package struct HTTPResponseHead: Hashable, Sendable {
  /// Octets of the longest head that is accepted, with the empty line.
  package static let longest = 4095

  /// Octets up to the body.
  package var length: Int
  /// Three digits between two blanks; 0 if the first line has none.
  package var statusCode: UInt16
  /// Compatibility: looked for in everything that had come when the head was complete, also inside
  /// other names and in the body.
  package var contentLength: UInt64?

  /// `buffer`: all that has come so far, of which the first `searched` octets did not hold the end.
  /// Nil while the head is not complete.
  package init?(decoding buffer: Span<UInt8>, searched: Int = 0) {
    guard let end = Self.end(in: buffer, from: max(searched - 3, 0)) else { return nil }
    length = end
    statusCode = Self.statusCode(in: buffer, before: end)
    contentLength = Self.contentLength(in: buffer)
  }

  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let blank = UInt8(ascii: " ")

  private static func end(in buffer: Span<UInt8>, from start: Int) -> Int? {
    let last = min(buffer.count, longest)
    var index = start + 3
    while index < last {
      // Each step goes as far as the octet leaves no room for an end before.
      switch buffer[index] {
      case carriageReturn: index += 1
      case lineFeed:
        if buffer[index - 1] == carriageReturn && buffer[index - 2] == lineFeed
          && buffer[index - 3] == carriageReturn
        {
          return index + 1
        }
        index += 2
      default: index += 4
      }
    }
    return nil
  }

  private static func statusCode(in buffer: Span<UInt8>, before end: Int) -> UInt16 {
    var index = 0
    while buffer[index] != blank {
      if buffer[index] == lineFeed { return 0 }
      index += 1
      if index == end { return 0 }
    }
    guard index + 4 < end, buffer[index + 4] == blank else { return 0 }
    var code: UInt16 = 0
    for offset in 1...3 {
      let digit = buffer[index + offset] &- UInt8(ascii: "0")
      if digit > 9 { return 0 }
      code = code * 10 + UInt16(digit)
    }
    return code
  }

  private static func contentLength(in buffer: Span<UInt8>) -> UInt64? {
    guard var index = Self.endOfContentLengthName(in: buffer) else { return nil }
    while index < buffer.count, buffer[index] == blank || buffer[index] == UInt8(ascii: "\t") {
      index += 1
    }
    let first = index
    var length: UInt64 = 0
    while index < buffer.count {
      let digit = buffer[index] &- UInt8(ascii: "0")
      if digit > 9 { break }
      let (product, isTooLarge) = length.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeToo) = product.addingReportingOverflow(UInt64(digit))
      if isTooLarge || isTooLargeToo { return nil }
      length = sum
      index += 1
    }
    if index == first { return nil }
    let isEnded =
      index == buffer.count || buffer[index] == carriageReturn || buffer[index] == lineFeed
    return isEnded ? length : nil
  }

  private static let contentLengthName = Array("Content-Length:".utf8)

  private static func endOfContentLengthName(in buffer: Span<UInt8>) -> Int? {
    let name = contentLengthName
    var start = 0
    while start + name.count <= buffer.count {
      if buffer[start] == name[0] {
        var matched = 1
        while matched < name.count, buffer[start + matched] == name[matched] { matched += 1 }
        if matched == name.count { return start + matched }
      }
      start += 1
    }
    return nil
  }
}
