/// A word that ought to be a number.
protocol NumberWord {
  var text: String { get }
  var hasDigits: Bool { get }
  var hasTrailingText: Bool { get }
}

/// A whole number as strtoul(3) and strtol(3) read it with base 10.
struct NumberText: NumberWord {
  let text: String
  private(set) var isNegative = false
  /// Nil if it does not fit.
  private(set) var magnitude: UInt64? = 0
  private(set) var hasDigits = false
  private(set) var hasTrailingText = false

  init(_ text: String) {
    self.text = text
    var bytes = Substring(text).utf8
    while let first = bytes.first, first.isWhiteSpace { bytes.removeFirst() }
    if let sign = bytes.first, sign == Byte.minus || sign == Byte.plus {
      isNegative = sign == Byte.minus
      bytes.removeFirst()
    }
    while let digit = bytes.first, digit.isDigit {
      bytes.removeFirst()
      hasDigits = true
      magnitude = magnitude?.appending(digit)
    }
    hasTrailingText = !bytes.isEmpty || (!hasDigits && !text.isEmpty)
  }

  var signed: Int64? {
    guard let magnitude else { return nil }
    if !isNegative { return Int64(exactly: magnitude) }
    return magnitude == Int64.min.magnitude ? .min : Int64(exactly: magnitude).map { -$0 }
  }
}

/// A number with a decimal point, in units of 10 to the power of minus `places`.
///
/// Compatibility: a point or a plus alone is 0.
struct DecimalText: NumberWord {
  let text: String
  private(set) var isNegative = false
  /// Nil if it does not fit.
  private(set) var value: UInt64? = 0
  private(set) var hasDigits = false
  private(set) var hasTrailingText = false
  private(set) var hasTooManyPlaces = false

  init(_ text: String, places: Int) {
    self.text = text
    var bytes = Substring(text).utf8
    while let first = bytes.first, first.isWhiteSpace { bytes.removeFirst() }
    isNegative = bytes.first == Byte.minus
    if bytes.first == Byte.plus { bytes.removeFirst() }
    var missing = places
    var isFraction = false
    scan: while let byte = bytes.first {
      if byte.isDigit {
        hasDigits = true
        if !isFraction || missing > 0 {
          value = value?.appending(byte)
          if isFraction { missing -= 1 }
        } else if !hasTooManyPlaces {
          hasTooManyPlaces = true
          if byte >= UInt8(ascii: "5") {
            value = value.flatMap { $0 == .max ? nil : $0 + 1 }
          }
        }
      } else if byte == Byte.dot, !isFraction {
        isFraction = true
      } else {
        break scan
      }
      bytes.removeFirst()
    }
    for _ in 0..<max(0, missing) { value = value?.appending(UInt8(ascii: "0")) }
    hasTrailingText = !bytes.isEmpty
  }

  /// As the messages write it: all places.
  static func string(_ value: UInt64, places: Int) -> String {
    let digits = String(value)
    if places <= 0 { return digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return padded.dropLast(places) + "." + padded.suffix(places)
  }
}

extension UInt64 {
  /// With one more decimal digit; nil if that does not fit.
  fileprivate func appending(_ digit: UInt8) -> UInt64? {
    let (product, overflow) = multipliedReportingOverflow(by: 10)
    let (sum, overflows) = product.addingReportingOverflow(UInt64(digit & 15))
    return overflow || overflows ? nil : sum
  }
}
