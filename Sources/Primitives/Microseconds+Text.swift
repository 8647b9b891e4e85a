extension Microseconds {
  /// Seconds with six decimals: `1.000250`.
  package var secondsText: String {
    "\(count / 1_000_000).\(String(1_000_000 + abs(count % 1_000_000)).dropFirst())"
  }
}
