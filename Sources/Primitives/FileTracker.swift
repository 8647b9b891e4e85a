/// The value of a tracked file.
package struct FileTracker: Hashable, Sendable {
  package private(set) var value: Int

  /// What is read of a file at most.
  package static let readLimit = 127

  package init(value: Int = 0) { self.value = value }

  /// Why a number is refused; the value stays.
  package struct InvalidNumber: Error, Hashable, Sendable {
    /// The number as far as it fits.
    package let number: Int

    package func message(path: String) -> String {
      "Invalid number \(number) read from \(path) - ignoring"
    }
  }

  /// Takes the contents of the file over, and says whether the value is another.
  package mutating func read(_ contents: Span<UInt8>) throws(InvalidNumber) -> Bool {
    let number = Self.number(contents)
    // Both ends of a weight of one fit; the reference lets 2^31 pass too.
    guard (-2_147_483_648...2_147_483_648).contains(number) else {
      throw InvalidNumber(number: number)
    }
    defer { value = number }
    return number != value
  }

  /// The file is gone or unreadable.
  package mutating func vanished() -> Bool {
    defer { value = 0 }
    return value != 0
  }

  /// Like `strtol` with base 0: blanks, a sign, 0x or 0, digits; what follows is ignored. It
  /// saturates.
  private static func number(_ text: Span<UInt8>) -> Int {
    let end = min(text.count, readLimit)
    var index = 0
    while index < end, text[index] == 0x20 || (0x09...0x0d).contains(text[index]) { index += 1 }
    var isNegative = false
    if index < end, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    var base = 10
    if index < end, text[index] == UInt8(ascii: "0") {
      base = 8
      if index + 2 < end, text[index + 1] | 0x20 == UInt8(ascii: "x"),
        HexDigit.value(of: text[index + 2]) != nil
      {
        base = 16
        index += 2
      }
    }
    var number = 0
    while index < end, let digit = HexDigit.value(of: text[index]), digit < base {
      let (product, overflow) = number.multipliedReportingOverflow(by: base)
      let (sum, overflow2) = product.addingReportingOverflow(Int(digit))
      if overflow || overflow2 { return isNegative ? .min : .max }
      number = sum
      index += 1
    }
    return isNegative ? -number : number
  }
}
