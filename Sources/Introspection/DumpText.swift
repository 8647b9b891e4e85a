// This target is the texts that a process writes about itself on a signal.
//
// A dump is lines of ` key = value` in sections (`DumpText`). `GlobalDump` is the section of the
// global definitions, with which the dump of each process begins; `BFDDump` is that of the BFD
// process, with its configuration and the state of its sessions. Other programs read these texts:
// their wording, order and blanks are those of keepalived.
//
// Everything that is written comes in as values, the time of the day and its text included; which
// file it goes to, and when, is `ProcessFrame`'s business.
//
// To be in a dump is no effect: a keyword that only a dump shows is marked "no effect yet".
//
// What must never happen: a password or a key in a dump; a state that is told otherwise than it is.

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
  var wholeSeconds: Int64 { count / 1_000_000 }
}

extension Bool {
  var number: Int { self ? 1 : 0 }
  var yesOrNo: String { self ? "yes" : "no" }
}
