import Primitives

/// The timers of one session, multiplexed into one deadline.
struct SessionTimers: Sendable {
  enum Kind: Int, CaseIterable {
    /// The next periodic packet.
    case transmit
    /// Init, Up: the neighbor has been silent for the detection time.
    case detection
    /// Down: what is known of the neighbor is forgotten.
    case reset
    /// AdminDown: another attempt to open the socket.
    case openOutput
  }

  private var deadlines = [4 of Instant](repeating: .distantFuture)

  subscript(_ kind: Kind) -> Instant? {
    get { deadlines[kind.rawValue] == .distantFuture ? nil : deadlines[kind.rawValue] }
    set { deadlines[kind.rawValue] = newValue ?? .distantFuture }
  }

  var next: Instant? {
    var first = Instant.distantFuture
    for index in deadlines.indices where deadlines[index] < first { first = deadlines[index] }
    return first == .distantFuture ? nil : first
  }

  /// Takes a timer away if it has expired.
  mutating func take(_ kind: Kind, at now: Instant) -> Instant? {
    let deadline = deadlines[kind.rawValue]
    guard deadline <= now else { return nil }
    deadlines[kind.rawValue] = .distantFuture
    return deadline
  }

  mutating func cancelAll() {
    for index in deadlines.indices { deadlines[index] = .distantFuture }
  }
}
