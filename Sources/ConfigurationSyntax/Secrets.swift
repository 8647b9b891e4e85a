/// Passwords and keys, which must not get into a log or onto a screen with the line they are in.
enum Secrets {
  /// Keywords whose arguments are secret: `authentication`, `auth_hmac` (RFC 2338 5.3.6), `SSL`.
  private static let keywords = ["auth_pass", "key", "password"]

  /// The line without what stands behind such a keyword.
  static func masked(_ line: String) -> String {
    for keyword in keywords {
      guard let end = endOfWord(keyword, in: line.utf8) else { continue }
      return line[..<end] + " …"
    }
    return line
  }

  /// Where the keyword ends, if it stands as a word of its own with something behind it.
  private static func endOfWord(_ keyword: String, in line: String.UTF8View) -> String.Index? {
    var start = line.startIndex
    while start < line.endIndex {
      let rest = line[start...]
      let isFirst = start == line.startIndex || isBoundary(line[line.index(before: start)])
      if isFirst, rest.starts(with: keyword.utf8) {
        let end = line.index(start, offsetBy: keyword.utf8.count)
        if end < line.endIndex, isBoundary(line[end]) { return end }
      }
      start = line.index(after: start)
    }
    return nil
  }

  private static func isBoundary(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == Byte.tab || "\"{}".utf8.contains(byte)
  }
}
