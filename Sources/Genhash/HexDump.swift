/// Octets as people look at them: sixteen a line, in hexadecimal and as text.
package enum HexDump {
  private static let width = 16

  package static func text(_ octets: Span<UInt8>) -> String {
    var text = ""
    var start = 0
    while start < octets.count {
      line(octets, from: start, into: &text)
      start += width
    }
    return text
  }

  /// All lines are of one length: what is missing of the last one is blank.
  private static func line(_ octets: Span<UInt8>, from start: Int, into text: inout String) {
    let offset = String(start & 0xffff)
    text += String(repeating: "0", count: max(0, 4 - offset.count)) + offset + " "
    var characters = ""
    for column in 0..<width {
      if start + column < octets.count {
        let octet = octets[start + column]
        text += " " + hexadecimal(octet)
        characters += (0x20...0x7e).contains(octet) ? String(UnicodeScalar(octet)) : "."
      } else {
        text += "   "
        characters += " "
      }
      if column == width / 2 - 1 { text += " -" }
    }
    text += "   " + characters + "\n"
  }

  /// Two digits, in lower case.
  package static func hexadecimal(_ octet: UInt8) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }
}
