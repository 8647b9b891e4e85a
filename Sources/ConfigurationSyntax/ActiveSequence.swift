/// A `~SEQ` or `~LST` whose body is being read, once for each value.
struct ActiveSequence {
  enum Values {
    /// `next` is nil after the last one.
    case numbers(next: Int64?, step: Int64, end: Int64, hexadecimal: Bool)
    case list([[[UInt8]]], next: Int)
  }

  var variables: [[UInt8]]
  var values: Values
  var body: [UInt8]
  /// How many multi-line definitions were being expanded when it began: those begun later come
  /// first.
  var expansionDepth: Int

  /// The values of the variables for the next time; nil at the end.
  mutating func next() -> [[UInt8]]? {
    switch values {
    case .numbers(let number, let step, let end, let hexadecimal):
      guard let number, step > 0 ? number <= end : number >= end else { return nil }
      let (following, overflow) = number.addingReportingOverflow(step)
      values = .numbers(
        next: overflow ? nil : following, step: step, end: end, hexadecimal: hexadecimal)
      return [Array(String(number, radix: hexadecimal ? 16 : 10).utf8)]
    case .list(let list, let index):
      guard index < list.count else { return nil }
      values = .list(list, next: index + 1)
      return list[index]
    }
  }
}
