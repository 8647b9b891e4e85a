// MARK: - Values. Each reports what is wrong and returns nil.

extension ReadingContext {
  /// Whether the reference takes trailing garbage outside `-t` ("lenient") or never ("strict").
  package enum Leniency: Sendable { case lenient, strict }

  /// A decimal number without a sign (or with a plus). The empty string is 0.
  package func unsigned(
    _ statement: Statement, _ index: Int, in range: ClosedRange<UInt64>, _ leniency: Leniency
  ) throws(ReadingStop) -> UInt64? {
    let number = NumberText(try statement.word(index).text)
    let is64Bit = range.upperBound > UInt64(UInt32.max)
    let largest = is64Bit ? UInt64.max : UInt64(UInt32.max)
    func refuse(_ message: String) -> UInt64? {
      self.refuse(message, "\(range.lowerBound)-\(range.upperBound)", statement, index)
    }
    if number.isNegative { return refuse("negative number '\(number.text)'") }
    if let value = number.magnitude, value <= largest {
      guard checkEnd(of: number, leniency, statement, index) else { return nil }
      if range.contains(value) { return value }
      return refuse(
        "number '\(number.text)' outside range [\(range.lowerBound), \(range.upperBound)]")
    }
    return refuse(
      "number '\(number.text)' outside unsigned \(is64Bit ? "64 bit" : "integer") range")
  }

  /// A decimal number. The empty string is 0.
  package func signed(
    _ statement: Statement, _ index: Int, in range: ClosedRange<Int64>, _ leniency: Leniency
  ) throws(ReadingStop) -> Int64? {
    let number = NumberText(try statement.word(index).text)
    func refuse(_ message: String) -> Int64? {
      self.refuse(message, "\(range.lowerBound)-\(range.upperBound)", statement, index)
    }
    let fits = range.lowerBound >= Int64(Int32.min) && range.upperBound <= Int64(Int32.max)
    guard let value = number.signed, !fits || Int32(exactly: value) != nil else {
      return refuse("number '\(number.text)' outside integer range")
    }
    guard checkEnd(of: number, leniency, statement, index) else { return nil }
    if range.contains(value) { return value }
    return refuse(
      "number '\(number.text)' outside range [\(range.lowerBound), \(range.upperBound)]")
  }

  /// A decimal number in units of 10 to the power of minus `places`.
  ///
  /// Digits beyond `places` are rounded half up. `.5`, `5.`, `+5` and the empty string are numbers.
  package func decimal(
    _ statement: Statement, _ index: Int, places: Int, in range: ClosedRange<UInt64>,
    _ leniency: Leniency
  ) throws(ReadingStop) -> UInt64? {
    let number = DecimalText(try statement.word(index).text, places: places)
    let lowest = DecimalText.string(range.lowerBound, places: places)
    let highest = DecimalText.string(range.upperBound, places: places)
    func refuse(_ message: String) -> UInt64? {
      self.refuse(message, "\(lowest)-\(highest)", statement, index)
    }
    if number.isNegative { return refuse("negative number '\(number.text)'") }
    guard checkEnd(of: number, leniency, statement, index) else {
      if leniency == .lenient { hintOfUnit(number, places, statement, index) }
      return nil
    }
    guard let value = number.value else {
      return refuse("number '\(number.text)' outside unsigned decimal range")
    }
    if number.hasTooManyPlaces {
      report(
        .invalidNumber, "number '\(number.text)' has too many decimal places", at: statement,
        word: index)
    }
    if range.contains(value) { return value }
    return refuse("number '\(number.text)' outside range [\(lowest), \(highest)]")
  }

  /// `2s` is 2 to a daemon. The reference counts its digits as the smallest unit.
  private func hintOfUnit(
    _ number: DecimalText, _ places: Int, _ statement: Statement, _ index: Int
  ) {
    guard number.hasDigits, let value = number.value else { return }
    let digits = number.text.utf8.prefix { $0.isDigit || $0 == Byte.dot }.filter(\.isDigit)
    let there = UInt64(Array(digits).text).map { DecimalText.string($0, places: places) }
    report(
      .hint,
      "a daemon takes '\(number.text)' for \(DecimalText.string(value, places: places)) here, and"
        + " for \(there ?? "something else") in keepalived", at: statement, word: index,
      expected: "a number without a unit")
  }

  private func refuse<Value>(
    _ message: String, _ allowed: String, _ statement: Statement, _ index: Int
  ) -> Value? {
    report(.invalidNumber, message, at: statement, word: index, expected: "allowed: \(allowed)")
    return nil
  }

  /// Reports what stands behind the number; false if it may not be used because of that.
  private func checkEnd(
    of number: some NumberWord, _ leniency: Leniency, _ statement: Statement, _ index: Int
  ) -> Bool {
    if !number.hasTrailingText { return true }
    let usable = leniency == .lenient && strictness == .run && number.hasDigits
    let prefix = leniency == .lenient && strictness == .run ? "WARNING - " : ""
    report(
      .invalidNumber, "\(prefix)invalid number '\(number.text)'", at: statement, word: index)
    return usable
  }
}
