import Configuration
import Primitives

/// Spreads the starts of checks. Without warm-up, or after this process has been held up, many are
/// due at one moment; all at once they would be late themselves and a burst for the servers.
///
/// A generic cell rate algorithm: each start takes a place in time, and may be early by a window.
struct CheckPace: Hashable, Sendable {
  private static let window = Microseconds.milliseconds(10)
  /// Of few checkers all may begin at once.
  private static let fewest = 5
  /// A fortieth of the checkers in a window, so that any hundredth of a second sees a twentieth.
  private static let share = 40
  /// How much faster than the checkers' own intervals it must be at least.
  private static let reserve = 3

  /// Time that a start takes up.
  private var step = Microseconds.zero
  private var nextPlace = Instant(microseconds: .min)

  init() {}

  init(_ checkers: [CheckerState]) {
    var perWindow = 0.0
    var count = 0
    for checker in checkers where checker.isTimed {
      count += 1
      let interval = max(checker.definition.delayLoop.count, 1)
      perWindow += Double(Self.window.count) / Double(interval)
    }
    let natural = Int(min(perWindow.rounded(.up) * Double(Self.reserve), 1e9))
    let limit = max(Self.fewest, count / Self.share, natural)
    step = Microseconds(Self.window.count / Int64(limit))
  }

  /// Nil: now. Otherwise when; that place is taken then.
  mutating func place(at now: Instant) -> Instant? {
    nextPlace = max(nextPlace, now)
    let place = nextPlace - Self.window
    nextPlace = nextPlace + step
    return place <= now ? nil : place
  }
}
