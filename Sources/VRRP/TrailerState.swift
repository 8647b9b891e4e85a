import Primitives

/// The sequences of `auth_hmac`: the last one sent, and the last one seen of each sender.
struct TrailerState {
  private struct Mark {
    var sender: IPAddress
    var sequence: UInt64
    var use: UInt64
  }

  /// Senders that a multicast router remembers.
  private static let multicastSenders = 4

  private var lastSent: UInt64?
  private var marks: [Mark] = []
  private var uses: UInt64 = 0

  /// Serial number arithmetic (RFC 1982 3.2) on 64 bits.
  private static func isAfter(_ left: UInt64, _ right: UInt64) -> Bool {
    Int64(bitPattern: left &- right) > 0
  }

  private static func seconds(_ sequence: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: sequence >> 32)
  }

  /// `left` - `right` in seconds.
  static func skew(_ left: UInt32, _ right: UInt32) -> Int32 { Int32(bitPattern: left &- right) }

  /// The sequence of the next advertisement: the clock, or one after the last.
  mutating func next(
    _ clock: WallClock, _ protection: AuthHMAC.ReplayProtection
  ) -> UInt64 {
    var sequence = clock.sequence
    if let lastSent, !Self.isAfter(sequence, lastSent) {
      // A clock that was far ahead and has been set right must not bind us to its time.
      var restarts = false
      if case .time(let window) = protection {
        restarts = Int64(Self.skew(Self.seconds(lastSent), clock.seconds)) > Int64(window)
      }
      if !restarts { sequence = lastSent &+ 1 }
    }
    lastSent = sequence
    return sequence
  }

  /// Whether the sequence is after the sender's last one; then it is the last one.
  mutating func accept(
    _ sequence: UInt64, from sender: IPAddress, at clock: WallClock, isUnicast: Bool,
    _ protection: AuthHMAC.ReplayProtection
  ) -> Bool {
    uses &+= 1
    guard let index = marks.firstIndex(where: { $0.sender == sender }) else {
      if !isUnicast && marks.count >= Self.multicastSenders { evict() }
      marks.append(Mark(sender: sender, sequence: sequence, use: uses))
      return true
    }
    marks[index].use = uses
    var isForgotten = false
    if case .time(let window) = protection {
      let skew = Int64(Self.skew(Self.seconds(marks[index].sequence), clock.seconds))
      isForgotten = abs(skew) > Int64(window)
    }
    guard isForgotten || Self.isAfter(sequence, marks[index].sequence) else { return false }
    marks[index].sequence = sequence
    return true
  }

  private mutating func evict() {
    guard let oldest = marks.indices.min(by: { marks[$0].use < marks[$1].use }) else { return }
    marks.remove(at: oldest)
  }

  /// After a reload the sequence goes on, and senders are new.
  var withoutMarks: TrailerState {
    var copy = TrailerState()
    copy.lastSent = lastSent
    return copy
  }
}
