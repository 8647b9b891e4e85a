extension Diagnostic {
  /// How a diagnostic is shown.
  package struct Style: Hashable, Sendable {
    /// With the line below it, and a caret where the fault is.
    package var hasExcerpt: Bool
    package var hasColor: Bool

    package init(hasExcerpt: Bool, hasColor: Bool) {
      self.hasExcerpt = hasExcerpt
      self.hasColor = hasColor
    }

    /// One line a diagnostic: for files, pipes and logs.
    package static let plain = Style(hasExcerpt: false, hasColor: false)
    package static let terminal = Style(hasExcerpt: true, hasColor: true)
  }

  /// The text for people, without a newline at its end.
  ///
  /// Control characters are made visible: what a configuration holds must not steer a terminal.
  package func rendered(_ style: Style = .plain) -> String {
    let isHint = `class` == .hint
    var line = (isHint ? "hint: " : "") + (location?.prefix ?? "") + message
    if let expected { line += " - " + expected }
    var text = Self.visible(line)
    if style.hasColor { text = "\u{1b}[\(isHint ? "36" : "31")m\(text)\u{1b}[0m" }
    if style.hasExcerpt, let lines = excerptLines(style) { text += "\n" + lines }
    return text
  }

  private func excerptLines(_ style: Style) -> String? {
    guard let excerpt, let location, !excerpt.isEmpty else { return nil }
    let column = min(max(0, location.column - 1), excerpt.utf8.count)
    // Only what is near, if the line is long.
    let bytes = Array(excerpt.utf8)
    let start = column > 100 ? column - 60 : 0
    let end = min(bytes.count, start + 140)
    let margin = "  \(location.line) | "
    var lines = margin + Self.visible(bytes[start..<end].text)
    guard location.column > 0 else { return lines }
    // Tabs stay tabs, so that the caret stands below its character.
    let before = Self.visible(bytes[start..<column].text).unicodeScalars.map {
      $0 == "\t" ? "\t" : " "
    }
    let caret = style.hasColor ? "\u{1b}[32m^\u{1b}[0m" : "^"
    lines += "\n" + String(repeating: " ", count: margin.count) + before.joined() + caret
    return lines
  }

  private static func visible(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || $0 == Byte.tab }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      let isControl =
        scalar.value < 0x20 && scalar != "\t" || (0x7f...0x9f).contains(scalar.value)
      if isControl {
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
