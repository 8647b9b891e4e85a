import Primitives

/// Reads the pieces of a directive one after the other.
struct TextScanner {
  let bytes: [UInt8]
  var index: Int

  init(_ bytes: [UInt8], from index: Int = 0) {
    self.bytes = bytes
    self.index = index
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  var isAtEnd: Bool { index >= bytes.count }

  mutating func skipBlanks() {
    while index < bytes.count, bytes[index].isBlank { index += 1 }
  }

  /// Passes `byte` if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  /// The bytes before the next one that `isEnd` holds for.
  mutating func take(until isEnd: (UInt8) -> Bool) -> [UInt8] {
    let start = index
    while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
    return Array(bytes[start..<index])
  }

  /// A number as strtol(3) reads it with base 0, with what is beyond 64 bits cut down to the limit;
  /// 0 if there is none.
  mutating func takeInteger() -> Int64 {
    while let byte = current, byte.isWhiteSpace { index += 1 }
    let start = index
    var negative = false
    if current == Byte.minus || current == Byte.plus {
      negative = current == Byte.minus
      index += 1
    }
    var radix: Int64 = 10
    if current == UInt8(ascii: "0") {
      radix = 8
      let next = index + 1
      if next + 1 < bytes.count, bytes[next] | 0x20 == UInt8(ascii: "x"),
        HexDigit.value(of: bytes[next + 1]) != nil
      {
        radix = 16
        index += 2
      }
    }
    var value: Int64 = 0
    var digits = 0
    while let byte = current, let digit = HexDigit.value(of: byte), digit < radix {
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, overflows) =
        negative
        ? product.subtractingReportingOverflow(Int64(digit))
        : product.addingReportingOverflow(Int64(digit))
      value = overflow || overflows ? (negative ? .min : .max) : sum
      digits += 1
      index += 1
    }
    if digits == 0 { index = start }
    return value
  }
}
