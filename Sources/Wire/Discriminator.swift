/// Tells the sessions between two BFD systems apart (RFC 5880 6.3); 0 is unknown.
package struct Discriminator: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let none = Discriminator(rawValue: 0)
}

extension Discriminator: CustomStringConvertible {
  /// `0x` and eight digits, as log lines have it.
  package var description: String {
    let digits = String(rawValue, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
