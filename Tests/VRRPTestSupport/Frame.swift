/// A named Ethernet frame.
package struct Frame: Sendable, CustomStringConvertible {
  package let name: String
  package let octets: [UInt8]

  package init(_ name: String, _ hex: String) {
    self.name = name
    octets = [UInt8](hex: hex)
  }

  package var description: String { name }
  package var isIPv6: Bool { octets[12] == 0x86 }
  /// From the IP header.
  package var packet: [UInt8] { Array(octets[14...]) }
}

extension [UInt8] {
  /// Reads hexadecimal digits, skipping everything else.
  package init(hex: String) {
    self = []
    var high: UInt8?
    for character in hex {
      guard let digit = character.hexDigitValue else { continue }
      let nibble = UInt8(digit)
      if let first = high {
        append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
  }
}
