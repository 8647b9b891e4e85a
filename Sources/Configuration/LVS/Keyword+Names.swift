import ConfigurationSyntax

extension Keyword {
  /// A name: without the word there is a message of its own, and a second one replaces the first.
  static func string(
    _ name: String, _ arguments: String = "NAME", default standard: String = "none",
    effect: Effect = .effective, _ help: String, what: String, missing: String,
    _ property: any WritableKeyPath<Tree, String?> & Sendable
  ) -> Keyword {
    Keyword(name, arguments, default: standard, effect: effect, help) {
      tree, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, missing, at: line, expected: "one word")
        return
      }
      reader.context.replace(&tree[keyPath: property], with: line.words[1].text, what, at: line)
    }
  }

  /// `snmp_name`: exactly one word.
  static func snmpName(_ what: String, _ property: any WritableKeyPath<Tree, String?> & Sendable)
    -> Keyword
  {
    Keyword("snmp_name", "NAME", default: "none", effect: .none, "Name in SNMP's tables.") {
      tree, line, reader throws(ReadingStop) in
      guard line.words.count == 2 else {
        reader.context.report(
          .general, "\(what) snmp_name missing or extra parameters", at: line,
          expected: "one word")
        return
      }
      reader.context.replace(
        &tree[keyPath: property], with: line.words[1].text, "\(what) snmp_name", at: line)
    }
  }
}

extension ReadingContext {
  /// Sets a text that may be set once; the last one counts.
  func replace(_ old: inout String?, with new: String, _ what: String, at line: Statement) {
    if let old {
      report(.general, "Duplicate \(what) - overwriting \(old) with \(new)", at: line, word: 1)
    }
    old = new
  }
}
