extension String {
  /// The parts around the first `separator`; the second is nil without one.
  func cut(at separator: Character) -> (Substring, Substring?) {
    guard let index = firstIndex(of: separator) else { return (self[...], nil) }
    return (self[..<index], self[self.index(after: index)...])
  }

  /// A whole number as C reads it with base 0: `0x1f`, `017`, `31`.
  var automaticNumber: UInt64? {
    var digits = self[...]
    if digits.first == "+" { digits = digits.dropFirst() }
    let radix: Int
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      digits = digits.dropFirst(2)
      radix = 16
    } else if digits.first == "0" && digits.count > 1 {
      radix = 8
    } else {
      radix = 10
    }
    if digits.first == "+" || digits.first == "-" { return nil }
    return UInt64(digits, radix: radix)
  }
}
