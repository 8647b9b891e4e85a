import BFD
import Primitives

/// One BFD process that may run, hang or be gone.
struct SimulatedSystem {
  var core: BFDSessions?
  /// Stopped by SIGSTOP; packets wait in the socket.
  var isSuspended = false
  var inbox: [(end: Int, octets: [UInt8])] = []
  /// Which of two configurations it runs.
  var variant = 0
  /// The ends of its sessions, by the sessions' indices.
  var ends: [Int] = []

  /// The next deadline of its sessions.
  var deadline: Instant? {
    guard !isSuspended, let core else { return nil }
    var first: Instant?
    for index in core.sessions.indices {
      guard let deadline = core.sessions[index].deadline else { continue }
      if first.map({ deadline < $0 }) ?? true { first = deadline }
    }
    return first
  }
}
