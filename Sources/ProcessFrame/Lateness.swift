package import Primitives

/// The log line about timers that fired late.
package enum Lateness {
  package static func text(_ lateness: Microseconds) -> String {
    let fraction = String(1_000_000 + lateness.count % 1_000_000).dropFirst()
    return "A thread timer expired \(lateness.count / 1_000_000).\(fraction) seconds ago"
  }
}
