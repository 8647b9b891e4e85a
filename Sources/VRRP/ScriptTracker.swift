/// The state of a tracked script: how its runs add up to up or down.
///
/// The result counts from 0 to rise + fall - 1; from `rise` on the script is good.
package struct ScriptTracker: Hashable, Sendable {
  /// How a run of a script ended.
  package enum Outcome: Hashable, Sendable {
    case exited(status: Int32)
    case signalled(Int32)
    /// Ended by our signal after its time was over.
    case timedOut

    package var isSuccess: Bool { self == .exited(status: 0) }
  }

  /// What the end of a run means.
  package enum Change: Hashable, Sendable {
    case none
    case succeeded
    case failed(Outcome)

    /// The text of the log; nil: none.
    package func message(_ name: String) -> String? {
      switch self {
      case .none: nil
      case .succeeded: "VRRP_Script(\(name)) succeeded"
      case .failed(.exited(let status)):
        "VRRP_Script(\(name)) failed (exited with status \(status))"
      case .failed(.signalled(let signal)):
        "VRRP_Script(\(name)) failed (due to signal \(signal))"
      case .failed(.timedOut): "VRRP_Script(\(name)) timed_out"
      }
    }
  }

  package let rise: Int
  package let fall: Int
  package private(set) var result: Int
  package private(set) var isInitializing = true
  /// It is new since a reload: its routers are not held back.
  package private(set) var isNewAtReload: Bool
  package private(set) var lastExitStatus: Int32 = 0

  private static let limit = 1 << 31

  package init(rise: Int = 1, fall: Int = 1, isNewAtReload: Bool = false) {
    self.rise = min(max(rise, 1), Self.limit)
    self.fall = min(max(fall, 1), Self.limit)
    self.isNewAtReload = isNewAtReload
    // One success or one failure settles the first state.
    result = self.rise - 1
  }

  package var isGood: Bool { result >= rise }
  private var full: Int { rise + fall - 1 }

  package var status: TrackerStatus {
    if isInitializing { return isNewAtReload ? .reloading : .initializing }
    return isGood ? .up : .down
  }

  /// The exit status if it is another than the last one; the process logs it.
  package mutating func newExitStatus(of outcome: Outcome) -> Int32? {
    guard case .exited(let status) = outcome, status != lastExitStatus else { return nil }
    lastExitStatus = status
    return status
  }

  package mutating func ended(_ outcome: Outcome) -> Change {
    let wasInitializing = isInitializing
    isInitializing = false
    if outcome.isSuccess {
      if result < rise - 1 {
        result += 1
        return .none
      }
      let wasGood = result >= rise
      result = full
      return wasGood ? .none : .succeeded
    }
    if !wasInitializing && result > rise {
      result -= 1
      return .none
    }
    let fails = wasInitializing || result == rise
    result = 0
    return fails ? .failed(outcome) : .none
  }

  /// The same script after a reload with other limits.
  package func carried(rise: Int, fall: Int) -> ScriptTracker {
    var new = ScriptTracker(rise: rise, fall: fall, isNewAtReload: isNewAtReload)
    new.lastExitStatus = lastExitStatus
    new.isInitializing = isInitializing
    if isInitializing { return new }
    if isGood {
      new.result = result >= full ? new.full : min(new.rise + (result - self.rise), new.full)
    } else {
      new.result = result == 0 ? 0 : max(0, new.rise - (self.rise - result))
    }
    return new
  }

  /// The text of the log about a carried state; nil while initializing.
  package func reloadMessage(_ name: String) -> String? {
    if isInitializing { return nil }
    return "VRRP_Script(\(name)) considered \(isGood ? "successful" : "unsuccessful") on reload"
  }
}
