import BFD
import Primitives

/// One BFD process that may run, hang or be gone.
struct SimulatedSystem {
  var core: BFDSessions?
  /// Stopped by SIGSTOP; packets wait in the socket.
  var isSuspended = false
  /// Its kernel stands still too, as in a virtual machine that is paused: what comes is lost.
  var isDeaf = false
  var inbox: [(end: Int, octets: [UInt8])] = []
  /// Which of two configurations it runs.
  var variant = 0
  /// The ends of its sessions, by the sessions' indices.
  var ends: [Int] = []

  /// Those of its sessions, as the effects say.
  private var deadlines: [Instant] = []
  private var next = Instant.distantFuture

  /// The next deadline, if it runs.
  var deadline: Instant? { isSuspended || next == .distantFuture ? nil : next }

  func isDue(_ place: Int, at now: Instant) -> Bool { deadlines[place] <= now }

  mutating func setDeadline(_ place: Int, _ deadline: Instant?) {
    deadlines[place] = deadline ?? .distantFuture
    next = .distantFuture
    for deadline in deadlines where deadline < next { next = deadline }
  }

  /// For a new configuration, or no process any more.
  mutating func forgetDeadlines() {
    deadlines = Array(repeating: .distantFuture, count: ends.count)
    next = .distantFuture
  }
}
