/// `include PATTERN`, or `includeX PATTERN` with a letter for what must not go wrong.
struct IncludeDirective {
  var checks: IncludeChecks
  /// The whole rest of the line, as it stands.
  var pattern: [UInt8]

  /// Nil if the line is none.
  init?(_ line: ArraySlice<UInt8>) {
    guard line.starts(with: "include".utf8) else { return nil }
    var rest = line.dropFirst(7)
    checks = []
    if let letter = rest.first, !letter.isWhiteSpace {
      guard let checks = IncludeChecks(modifier: letter) else { return nil }
      self.checks = checks
      rest = rest.dropFirst()
    }
    guard let separator = rest.first, separator.isWhiteSpace else { return nil }
    pattern = Array(rest.drop { $0.isWhiteSpace })
    if pattern.isEmpty { return nil }
  }
}
