extension LineReader {
  /// Keywords whose line is read again with other rules, which have their own message for a quote
  /// without a partner.
  private static let scriptKeywords: Set<String> = [
    "startup_script", "shutdown_script", "notify_fifo_script", "vrrp_notify_fifo_script",
    "lvs_notify_fifo_script", "script", "notify", "notify_master", "notify_backup", "notify_fault",
    "notify_stop", "notify_deleted", "notify_master_rx_lower_pri", "notify_up", "notify_down",
    "quorum_up", "quorum_down", "misc_path",
  ]

  /// Cuts the logical line into words.
  func words() -> [Word] {
    var words: [Word] = []
    words.reserveCapacity(4)
    let unmatched = input.text.words(in: input.logicalLine, into: &words)
    if let unmatched { reportUnmatchedQuote(at: unmatched, words) }
    return words
  }

  /// The words of a line with quotes that nobody reads; reports a quote without a partner.
  func wordsOfQuotedLine() -> [Word] {
    input.text.classes.contains(.quote) ? words() : []
  }

  private func reportUnmatchedQuote(at offset: Int, _ words: [Word]) {
    // The parent leaves it to the children, who see every line as well.
    if view == .parent { return }
    if words.count >= 2, Self.scriptKeywords.contains(words[0].text) { return }
    context.report(
      .unmatchedQuote,
      "Unmatched quote: '\(Secrets.masked(input.text.bytes[input.logicalLine].text))'",
      at: location(at: offset))
  }
}

extension LineText {
  /// Appends the words of `range`. The result is where a quote without a partner is, if any; the
  /// line ends there.
  func words(in range: Range<Int>, into words: inout [Word]) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index].isWhiteSpace {
        index += 1
        continue
      }
      let start = index
      if bytes[start] == Byte.quote {
        index += 1
        while index < range.upperBound, bytes[index] != Byte.quote { index += 1 }
        if index == range.upperBound { return start }
        append(start + 1..<index, at: start, to: &words)
        index += 1
      } else {
        while index < range.upperBound, !bytes[index].isWhiteSpace, bytes[index] != Byte.quote {
          index += 1
        }
        append(start..<index, at: start, to: &words)
      }
    }
    return nil
  }

  private func append(_ range: Range<Int>, at start: Int, to words: inout [Word]) {
    words.append(
      Word(String(decoding: bytes[range], as: UTF8.self), column: column(at: start)))
  }
}
