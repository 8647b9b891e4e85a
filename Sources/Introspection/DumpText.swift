import Primitives

/// The lines of a dump, as other programs parse them: ` key = value`.
package struct DumpText {
  package private(set) var lines: [String] = []

  package init() {}

  package mutating func section(_ name: String) { lines.append("------< \(name) >------") }

  package mutating func line(_ text: String) { lines.append(text) }

  package mutating func value(_ key: String, _ value: some CustomStringConvertible) {
    lines.append(" \(key) = \(value)")
  }

  /// Nothing for what is not set.
  package mutating func value<Value: CustomStringConvertible>(_ key: String, ifSet value: Value?) {
    if let value { self.value(key, value) }
  }

  package mutating func append(_ other: DumpText) { lines += other.lines }

  package var text: String { lines.map { $0 + "\n" }.joined() }
}

extension Microseconds {
  /// Seconds with six decimals.
  var decimalSeconds: String {
    let fraction = String(1_000_000 + count % 1_000_000).dropFirst()
    return "\(count / 1_000_000).\(fraction)"
  }

  var wholeSeconds: Int64 { count / 1_000_000 }
}

extension Bool {
  var number: Int { self ? 1 : 0 }
  var yesOrNo: String { self ? "yes" : "no" }
}
