import ConfigurationSyntax

/// The `regex…` keywords of a url while they are read.
struct RegexDraft {
  var pattern: [UInt8]?
  var options: Set<String> = []
  var isNegated = false
  var minOffset: UInt64 = 0
  var maxOffset: UInt64?
  var stack: HTTPCheck.Regex.Stack?

  /// Nil without a pattern.
  func completed(_ reader: BlockReader) -> HTTPCheck.Regex? {
    guard let pattern else {
      if !options.isEmpty || isNegated || minOffset != 0 || maxOffset != nil || stack != nil {
        reader.context.report(
          .note, "regex parameters specified without regex", at: reader.location)
      }
      return nil
    }
    var regex = HTTPCheck.Regex(pattern: pattern)
    regex.options = options
    regex.isNegated = isNegated
    regex.stack = stack
    if let maxOffset, minOffset > maxOffset {
      reader.context.report(
        .note, "regex min offset \(minOffset) > regex_max_offset \(maxOffset) - ignoring",
        at: reader.location)
    } else {
      regex.minOffset = minOffset
      regex.maxOffset = maxOffset
    }
    return regex
  }
}

extension RegexDraft {
  private typealias Row = Keyword<URLDraft>

  /// The names that `regex_options` takes: the compile options of PCRE2.
  static let optionNames: Set<String> = [
    "allow_empty_class", "alt_bsux", "auto_callout", "caseless", "dollar_endonly", "dotall",
    "dupnames", "extended", "firstline", "match_unset_backref", "multiline", "never_ucp",
    "never_utf", "no_auto_capture", "no_auto_possess", "no_dotstar_anchor", "no_start_optimize",
    "ucp", "ungreedy", "utf", "never_backslash_c", "alt_circumflex", "alt_verbnames",
    "use_offset_limit",
  ]

  static let rows: [Keyword<URLDraft>] = [
    Row("regex", "PATTERN", default: "none", "What the answer must match; \\\\ for a backslash.") {
      url, line, reader in
      guard let words = reader.context.escapedWords(line) else { return }
      guard words.count == 2 else {
        reader.context.report(
          .general, "regex missing or too many fields", at: line, expected: "one word in quotes")
        return
      }
      if url.regex.pattern != nil {
        reader.context.report(.general, "Duplicate regex - overwriting the first", at: line)
      }
      url.regex.pattern = words[1]
    },
    .flag("regex_no_match", "A match is a failure.") { $0.regex.isNegated = true },
    Row("regex_options", "NAME …", range: "PCRE2's names", default: "none", "Of the pattern.") {
      url, line, reader in
      for (index, word) in line.words.enumerated().dropFirst() {
        if optionNames.contains(word.text) {
          url.regex.options.insert(word.text)
        } else {
          reader.context.report(
            .hint, "unknown regex option \(word.text)", at: line, word: index,
            expected: NearestWord.suggestion(for: word.text, among: optionNames.sorted()))
        }
      }
    },
    offset("regex_min_offset", "0", "Octets at the beginning that are left out.") {
      $0.regex.minOffset = $1
    },
    offset("regex_max_offset", "none", "The last octet at which a match may begin.") {
      $0.regex.maxOffset = $1
    },
    Row(
      "regex_stack", "START MAX", range: "octets, START at most MAX", default: "PCRE2's",
      effect: .none, "Memory of matching."
    ) { url, line, reader in
      guard line.words.count == 3, let start = UInt64(line.words[1].text),
        let max = UInt64(line.words[2].text), start <= max
      else {
        reader.context.report(.note, "Invalid regex_stack - ignoring", at: line)
        return
      }
      url.regex.stack = HTTPCheck.Regex.Stack(start: start, max: max)
    },
  ]

  private static func offset(
    _ name: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout URLDraft, UInt64) -> Void
  ) -> Keyword<URLDraft> {
    Keyword(name, "OCTETS", default: standard, help) { url, line, reader in
      guard line.words.count == 2 else {
        reader.context.report(.note, "Missing or too many options for \(name)", at: line)
        return
      }
      guard let value = UInt64(line.words[1].text) else {
        reader.context.report(
          .note, "Invalid \(name) \(line.words[1].text) specified", at: line, word: 1)
        return
      }
      set(&url, value)
    }
  }
}
