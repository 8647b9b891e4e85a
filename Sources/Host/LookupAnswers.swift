/// What slow look-ups (accounts, host names) have answered.
///
/// They may ask servers on the network. Only the parent can wait for those, so it hands its answers
/// to the children together with the files.
package struct LookupAnswers: Hashable, Sendable {
  /// By the kind of the question and the name that it is about.
  private var answers: [String: String] = [:]

  package init() {}

  /// The answer to a question; empty for a name that nobody knows. Nil if it was never asked.
  subscript(kind: String, name: String) -> String? {
    get { answers["\(kind) \(name)"] }
    set { answers["\(kind) \(name)"] = newValue }
  }

  // MARK: Encoding: lengths of four octets, lowest first, each in front of its text

  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    for (question, answer) in answers.sorted(by: { $0.key < $1.key }) {
      for text in [question, answer] {
        bytes += Self.octets(of: text.utf8.count)
        bytes += text.utf8
      }
    }
    return bytes
  }

  init?(decoding bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      guard let question = Self.text(&rest), let answer = Self.text(&rest) else { return nil }
      answers[question] = answer
    }
  }

  static func octets(of count: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  }

  static func count(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 4 else { return nil }
    let count = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    bytes = bytes.dropFirst(4)
    return count <= bytes.count ? count : nil
  }

  private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
    guard let count = count(&bytes) else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
