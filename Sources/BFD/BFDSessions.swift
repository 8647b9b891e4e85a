// This target is Bidirectional Forwarding Detection: Asynchronous mode (RFC 5880) over one hop
// (RFC 5881) or several (RFC 5883), without authentication and echo.
//
// `BFDSessions` owns all sessions of a process, because a packet finds its session by the
// discriminators of all. It checks what holds for any packet (`BFDSessions+Packets`) and hands the
// packet to its `SessionStateMachine`, which checks what holds for its own, updates what it knows
// of the neighbor, changes its state (`react`) and answers polls. Intervals and poll sequences are
// in `SessionStateMachine+Transmission`.
//
// Time comes in as `now` with every call; what is to be done goes out as `Effect`s, in order.
// Chance (jitter, discriminators) comes from a generator that the caller gives.
//
// Invariants: a discriminator belongs to one session; the detection timer runs in Init and Up and
// nowhere else, the reset timer in Down only; a session without a socket sends nothing; an interval
// that the neighbor may not know of yet is never the reason for taking a session down.

package import Primitives
import Wire

/// All sessions of a process.
///
/// No call fails or traps, whatever the packet or the index. Every call appends effects, which the
/// caller carries out in order; a session's deadline is among them whenever it changes.
package struct BFDSessions {
  package internal(set) var sessions: ContiguousArray<SessionStateMachine> = []
  /// Packets that were discarded, those of a session included.
  package internal(set) var discards = DiscardStatistics()
  var environment: SessionEnvironment
  var complaintLimit = ComplaintLimit()
  /// Who may be meant by a packet without a discriminator of ours.
  var neighbors: [Neighbor: [SessionIndex]] = [:]

  struct Neighbor: Hashable {
    var address: IPAddress
    var isMultihop: Bool
  }

  package init(
    sessions configurations: [SessionConfiguration],
    random: any RandomNumberGenerator & Sendable
  ) {
    environment = SessionEnvironment(random: random)
    assemble(configurations)
  }

  /// Makes the sessions of a configuration, all down.
  mutating func assemble(_ configurations: [SessionConfiguration]) {
    sessions = []
    neighbors = [:]
    for (place, configuration) in configurations.enumerated() {
      let index = SessionIndex(rawValue: place)
      let discriminator = environment.drawDiscriminator(for: index, instead: .none)
      sessions.append(
        SessionStateMachine(configuration, index: index, discriminator: discriminator))
      let neighbor = Neighbor(
        address: configuration.neighbor, isMultihop: configuration.isMultihop)
      neighbors[neighbor, default: []].append(index)
    }
  }

  // MARK: Events

  package mutating func handle(
    _ event: Event, session: SessionIndex, at now: Instant, into effects: inout [Effect]
  ) {
    let index = session.rawValue
    guard sessions.indices.contains(index) else { return }
    switch event {
    case .outputOpened: sessions[index].outputOpened(at: now, in: &environment, into: &effects)
    case .outputFailed: sessions[index].outputFailed(at: now, in: &environment, into: &effects)
    case .sendFailed:
      if !sessions[index].hasSendError { sessions[index].log(.sendingFailed, into: &effects) }
      sessions[index].hasSendError = true
    case .sendSucceeded: sessions[index].hasSendError = false
    }
    sessions[index].publishDeadline(into: &effects)
  }

  /// This process stood still. To be called before what waits is handed over, and before timers
  /// fire.
  package mutating func wokeLate(
    by lateness: Microseconds, at now: Instant, into effects: inout [Effect]
  ) {
    let standstill = Standstill(lateness: lateness, now: now)
    for index in sessions.indices {
      sessions[index].excuseSilence(during: standstill)
      sessions[index].publishDeadline(into: &effects)
    }
  }

  /// A deadline of the session has come. Calling early or for nothing is harmless.
  package mutating func timerFired(
    session: SessionIndex, at now: Instant, into effects: inout [Effect]
  ) {
    let index = session.rawValue
    guard sessions.indices.contains(index) else { return }
    sessions[index].timerFired(at: now, in: &environment, into: &effects)
    sessions[index].publishDeadline(into: &effects)
  }

  /// Counts from zero again.
  package mutating func clearStatistics() {
    discards = DiscardStatistics()
    for index in sessions.indices { sessions[index].statistics = SessionStatistics() }
  }

  mutating func publishAllDeadlines(into effects: inout [Effect]) {
    for index in sessions.indices { sessions[index].publishDeadline(into: &effects) }
  }
}
