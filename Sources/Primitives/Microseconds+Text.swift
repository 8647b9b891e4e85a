extension Microseconds {
  /// Seconds with six decimals: `1.000250`.
  package var secondsText: String {
    "\(count / 1_000_000).\(String(1_000_000 + abs(count % 1_000_000)).dropFirst())"
  }

  /// Seconds without superfluous zeros: `0.5`, `30`.
  package var shortSecondsText: String {
    var text = secondsText[...]
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }
}
