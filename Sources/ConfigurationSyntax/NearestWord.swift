/// Finds what somebody may have meant.
package enum NearestWord {
  /// `did you mean 'X'?` for the candidate that is nearest to `word`; nil if none is near.
  package static func suggestion(for word: String, among candidates: [String]) -> String? {
    nearest(to: word, among: candidates).map { "did you mean '\($0)'?" }
  }

  /// The candidate with the fewest changes, the first of several; at most one change for each
  /// three characters.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let word = Array(word.utf8)
    // Longer than any keyword: no need to compare what somebody else made up.
    if word.isEmpty || word.count > 64 { return nil }
    var best: String?
    var limit = max(1, word.count / 3) + 1
    for candidate in candidates {
      let other = Array(candidate.utf8)
      if abs(other.count - word.count) >= limit { continue }
      let distance = distance(word, other)
      if distance < limit {
        limit = distance
        best = candidate
      }
    }
    return best
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = [Int](repeating: 0, count: right.count + 1)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var next = [i + 1]
      next.reserveCapacity(right.count + 1)
      for (j, other) in right.enumerated() {
        var cost = min(row[j] + (character == other ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, character == right[j - 1], left[i - 1] == other {
          cost = min(cost, previous[j - 1] + 1)
        }
        next.append(cost)
      }
      previous = row
      row = next
    }
    return row[right.count]
  }
}
