import ConfigurationSyntax
import Primitives

/// A word with a meaning of its own on a line of addresses, routes or rules, and what it does with
/// the words behind it.
struct LineWord<Draft>: Sendable {
  typealias Handler = @Sendable (inout Draft, inout LineCursor) throws(LineStop) -> Void

  var name: String
  var arguments: String
  var range: String
  var help: String
  /// It is read, and nothing happens yet.
  var isWithoutEffect: Bool
  var handler: Handler

  /// A word with arguments.
  init(
    _ name: String, _ arguments: String, range: String = "", isWithoutEffect: Bool = false,
    _ help: String, handler: @escaping Handler
  ) {
    self.name = name
    self.arguments = arguments
    self.range = range
    self.help = help
    self.isWithoutEffect = isWithoutEffect
    self.handler = handler
  }

  /// A word that stands alone.
  init(
    _ name: String, isWithoutEffect: Bool = false, _ help: String,
    set: @escaping @Sendable (inout Draft) -> Void
  ) {
    self.init(name, "", isWithoutEffect: isWithoutEffect, help) { draft, _ in set(&draft) }
  }

  /// Another name for the same.
  func named(_ name: String) -> LineWord {
    var copy = self
    copy.name = name
    copy.help = "Same as `\(self.name)`."
    return copy
  }
}

/// The words that are valid on one kind of line.
struct LineWords<Draft>: Sendable {
  let line: String
  let rows: [LineWord<Draft>]
  private let index: [String: Int]

  init(_ line: String, _ rows: [LineWord<Draft>]) {
    self.line = line
    self.rows = rows
    index = Dictionary(
      rows.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  subscript(name: String) -> LineWord<Draft>? { index[name].map { rows[$0] } }
}

/// Why a line was not read to its end.
enum LineStop: Error {
  /// What is wrong has been reported; the line counts for nothing.
  case refused
  case reading(ReadingStop)
}

/// A place in a line that is read word by word.
struct LineCursor {
  let line: Statement
  let reading: Reading
  /// The word that is being read.
  private(set) var index = 0

  init(_ line: Statement, _ reading: Reading) {
    self.line = line
    self.reading = reading
  }

  var word: String { line.words[index].text }
  /// The word behind the current one; nil at the end of the line.
  var following: String? { index + 1 < line.words.count ? line.words[index + 1].text : nil }

  var countOfFollowing: Int { line.words.count - index - 1 }

  /// Goes to the next word; false at the end of the line.
  mutating func advance() -> Bool {
    guard index + 1 < line.words.count else { return false }
    index += 1
    return true
  }

  /// The next word, which must be there: without it the configuration cannot be read any further.
  mutating func argument() throws(LineStop) -> String {
    do throws(ReadingStop) {
      let word = try line.word(index + 1)
      index += 1
      return word.text
    } catch {
      throw .reading(error)
    }
  }

  func report(_ message: String, expected: String? = nil) {
    report(.general, message, expected: expected)
  }

  func report(_ class: Diagnostic.Class, _ message: String, expected: String? = nil) {
    reading.report(`class`, message, at: line, word: index, expected: expected)
  }

  func refuse(_ message: String, expected: String? = nil) -> LineStop {
    report(message, expected: expected)
    return .refused
  }

  /// The current word, or a part of it, as a number.
  func unsigned(
    in range: ClosedRange<UInt64>, _ leniency: ReadingContext.Leniency = .strict,
    of part: Substring? = nil
  ) throws(LineStop) -> UInt64? {
    let line = part.map { self.line.replacing(index, with: String($0)) } ?? line
    do throws(ReadingStop) {
      return try reading.context.unsigned(line, index, in: range, leniency)
    } catch {
      throw .reading(error)
    }
  }

  /// The next word as a number or a name of `kind`; without either the line counts for nothing.
  mutating func number(_ kind: NameTables.Kind, otherwise message: (String) -> String)
    throws(LineStop) -> UInt32
  {
    let word = try argument()
    if let number = reading.number(word, kind) { return number }
    throw refuse(
      message(word), expected: "a name in \(kind.file) or a number up to \(kind.maximum)")
  }

  /// The next word as a number in a range; else the line counts for nothing.
  mutating func number(in range: ClosedRange<UInt64>, otherwise message: (String) -> String)
    throws(LineStop) -> UInt64
  {
    let word = try argument()
    if let number = try unsigned(in: range) { return number }
    throw refuse(
      message(word), expected: "a number from \(range.lowerBound) to \(range.upperBound)")
  }

  /// The next word as the name of an interface; a missing one ends the line.
  mutating func interface(otherwise message: (String) -> String) throws(LineStop) -> String {
    let name = try argument()
    if reading.mayName(name, at: line) { return name }
    throw refuse(message(name))
  }

  /// The next word as R or R1/R2.
  mutating func realms(otherwise message: (String) -> String) throws(LineStop) -> UInt32 {
    let word = try argument()
    let (first, second) = word.cut(at: "/")
    guard let high = reading.number(String(first), .realms) else { throw refuse(message(word)) }
    guard let second else { return high }
    guard let low = reading.number(String(second), .realms) else { throw refuse(message(word)) }
    return high << 16 | low
  }

  /// ADDRESS[/LENGTH]; a bad length is reported and becomes that of a host.
  func prefix() throws(LineStop) -> Prefix? {
    let (text, length) = word.cut(at: "/")
    let family: AddressFamily = text.contains(":") ? .ipv6 : .ipv4
    var prefixLength = family.hostPrefixLength
    if let length {
      let range = 0...UInt64(family.hostPrefixLength)
      if let value = try unsigned(in: range, .lenient, of: length) {
        prefixLength = UInt8(truncatingIfNeeded: value)
      } else {
        report(
          "Invalid address prefix len \(length) for address \(word) - using \(prefixLength)",
          expected: "a number from 0 to \(family.hostPrefixLength)")
      }
    }
    guard let address = IPAddress(parsing: String(text)) else {
      report("VRRP parsed invalid IP \(word). skipping IP...", expected: "ADDRESS[/LENGTH]")
      return nil
    }
    return Prefix(address: address, length: prefixLength)
  }
}
