package import Primitives
package import Wire

/// The BFD state machine (RFC 5880 6.2, 6.8) of one session in Asynchronous mode.
///
/// It performs no I/O and reads no clock: events and the current time come in, effects go out, and
/// the caller carries them out in order. `BFDSessions` alone drives it.
package struct SessionStateMachine {
  package let index: SessionIndex
  package internal(set) var configuration: SessionConfiguration
  /// bfd.SessionState.
  package private(set) var state: BFDState = .down
  package internal(set) var statistics = SessionStatistics()
  /// When the state was last entered.
  package private(set) var lastTransition: Instant?
  /// What VRRP and the checker know. Not always the state: see `goDown`.
  package private(set) var reported = SessionReport.down

  package internal(set) var localDiscriminator: Discriminator
  package internal(set) var localDiagnostic = BFDDiagnostic.none
  package internal(set) var remoteState = BFDState.down
  package internal(set) var remoteDiscriminator = Discriminator.none
  package internal(set) var remoteDiagnostic = BFDDiagnostic.none
  package internal(set) var remoteMinTx = Microseconds.zero
  package internal(set) var remoteMinRx = Microseconds.zero
  package internal(set) var remoteMultiplier: UInt8 = 0
  /// bfd.RemoteDemandMode.
  package internal(set) var isRemoteDemanding = false

  /// Between our packets, before jitter.
  package internal(set) var transmitInterval: Microseconds
  /// Between those of the neighbor.
  package internal(set) var remoteTransmitInterval = Microseconds.zero
  /// After so much silence the neighbor is taken for dead.
  package internal(set) var detectionTime = Microseconds.zero
  /// After so much silence the neighbor takes us for dead.
  package internal(set) var remoteDetectionTime = Microseconds.zero
  package internal(set) var poll = PollSequence.none
  /// Parameters changed while a poll sequence ran: its end tells nothing about them.
  var isPollStale = false
  /// What the neighbor is sure to know of our intervals while a poll sequence runs.
  var confirmedMinTx: Microseconds
  var confirmedMinRx: Microseconds
  package internal(set) var lastSeen: Instant?
  /// The silence that lasts was excused once: this process could not hear.
  var isSilenceExcused = false

  /// The process has a socket for us.
  package internal(set) var hasOutput = false
  package internal(set) var hasSendError = false
  /// The first packet goes at once: at the start of the process, not at a reload.
  var startsAtOnce = false
  var timers = SessionTimers()
  var publishedDeadline: Instant?
  var complaintLimit = ComplaintLimit()

  /// RFC 5880 6.5.
  package enum PollSequence: Hashable, Sendable {
    case none
    /// Periodic packets have the P bit until a final packet comes.
    case polling
    /// Our parameters went with the answer to the neighbor's poll. The next packet that is no poll
    /// shows that it has arrived.
    case answered
  }

  init(
    _ configuration: SessionConfiguration, index: SessionIndex, discriminator: Discriminator
  ) {
    self.index = index
    self.configuration = configuration
    localDiscriminator = discriminator
    transmitInterval = configuration.idleTx
    confirmedMinTx = configuration.minTx
    confirmedMinRx = configuration.minRx
  }

  package var deadline: Instant? { timers.next }

  /// When the next periodic packet goes.
  package var transmitDeadline: Instant? { timers[.transmit] }
  /// When the neighbor is taken for dead.
  package var detectionDeadline: Instant? { timers[.detection] }
  package var resetDeadline: Instant? { timers[.reset] }

  /// Says when its timers expire next, if that has changed.
  mutating func publishDeadline(into effects: inout [Effect]) {
    let deadline = timers.next
    guard deadline != publishedDeadline else { return }
    publishedDeadline = deadline
    emit(.deadline(deadline), into: &effects)
  }

  func emit(_ effect: SessionEffect, into effects: inout [Effect]) {
    effects.append(.session(index, effect))
  }

  func log(_ trace: SessionTrace, into effects: inout [Effect]) {
    emit(.log(trace), into: &effects)
  }

  // MARK: Start

  /// The first words of a session of a new process.
  mutating func start(into effects: inout [Effect]) {
    startsAtOnce = true
    emit(.openOutput, into: &effects)
    report(.down, into: &effects)
  }

  mutating func outputOpened(
    at now: Instant, in environment: inout SessionEnvironment, into effects: inout [Effect]
  ) {
    hasOutput = true
    timers[.openOutput] = nil
    if state == .adminDown {
      // The diagnostic stays until the session rises.
      move(to: .down, at: now)
      transmitInterval = max(configuration.idleTx, remoteMinRx)
    } else if startsAtOnce && sendsPeriodically {
      send([], into: &effects)
    }
    startsAtOnce = false
    adjustTransmission(at: now, in: &environment)
  }

  /// AdminDown, for want of a socket. The neighbor is told nothing: there is nothing to tell it by.
  mutating func outputFailed(
    at now: Instant, in environment: inout SessionEnvironment, into effects: inout [Effect]
  ) {
    hasOutput = false
    startsAtOnce = false
    timers.cancelAll()
    timers[.openOutput] = now + Self.outputRetryInterval
    guard state != .adminDown else { return }
    log(.outputUnavailable, into: &effects)
    if state == .up { renewDiscriminator(in: &environment) }
    localDiagnostic = .administrativelyDown
    endPoll()
    log(.enteringAdminDown, into: &effects)
    move(to: .adminDown, at: now)
    if reported == .up { report(.down, into: &effects) }
  }

  static let outputRetryInterval = Microseconds.seconds(60)

  /// A socket that is missing is tried again, not more often than once a second.
  mutating func retryOutput(at now: Instant, into effects: inout [Effect]) {
    guard state == .adminDown, let next = timers[.openOutput],
      next - now <= Self.outputRetryInterval - .seconds(1)
    else { return }
    timers[.openOutput] = now + Self.outputRetryInterval
    emit(.openOutput, into: &effects)
  }

  // MARK: Timers

  /// Detection first: what is sent then has the new state.
  mutating func timerFired(
    at now: Instant, in environment: inout SessionEnvironment, into effects: inout [Effect]
  ) {
    if let deadline = timers.take(.detection, at: now) {
      expire(deadline, at: now, in: &environment, into: &effects)
    }
    if timers.take(.reset, at: now) != nil { forgetNeighbor() }
    if timers.take(.transmit, at: now) != nil {
      send(poll == .polling ? .poll : [], into: &effects)
      timers[.transmit] = now + environment.jittered(transmitInterval)
    }
    if timers.take(.openOutput, at: now) != nil {
      timers[.openOutput] = now + Self.outputRetryInterval
      emit(.openOutput, into: &effects)
    }
    adjustTransmission(at: now, in: &environment)
  }

  /// Who stood still gives the neighbor the time of one packet to be heard, and only once in a
  /// silence: a machine that is always late notices a dead neighbor all the same.
  mutating func excuseSilence(during standstill: Standstill) {
    let interval = remoteTransmitInterval
    guard !isSilenceExcused, standstill.matters(to: interval), let deadline = timers[.detection],
      deadline < standstill.now + interval
    else { return }
    isSilenceExcused = true
    timers[.detection] = standstill.now + interval
  }

  /// RFC 5880 6.8.4.
  private mutating func expire(
    _ deadline: Instant, at now: Instant, in environment: inout SessionEnvironment,
    into effects: inout [Effect]
  ) {
    guard state == .initialize || state == .up else { return }
    statistics.detectionTimeExpired &+= 1
    log(
      .expired(after: now - (lastSeen ?? now), overdue: now - deadline, wasUp: state == .up),
      into: &effects)
    // RFC 5880 6.8.1, bfd.RemoteDiscr.
    remoteDiscriminator = .none
    goDown(.detectionTimeExpired, at: now, in: &environment, into: &effects)
  }

  /// Down for a detection time: the neighbor may have become another.
  private mutating func forgetNeighbor() {
    remoteState = .down
    remoteDiscriminator = .none
    remoteDiagnostic = .none
    isRemoteDemanding = false
    endPoll()
    transmitInterval = max(configuration.idleTx, remoteMinRx)
  }

  // MARK: Transitions

  /// What the neighbor's state does to ours (RFC 5880 6.8.6 (the end), 6.2).
  mutating func react(
    at now: Instant, in environment: inout SessionEnvironment, into effects: inout [Effect]
  ) {
    switch (state, remoteState) {
    case (.adminDown, _): break
    case (.down, .down): rise(to: .initialize, at: now, in: &environment, into: &effects)
    case (.down, .initialize), (.initialize, .initialize), (.initialize, .up):
      rise(to: .up, at: now, in: &environment, into: &effects)
    case (.initialize, .adminDown), (.up, .adminDown), (.up, .down):
      goDown(.neighborSignaledDown, at: now, in: &environment, into: &effects)
    case (.down, .adminDown), (.down, .up), (.initialize, .down), (.up, .initialize), (.up, .up):
      break
    }
  }

  private mutating func rise(
    to newState: BFDState, at now: Instant, in environment: inout SessionEnvironment,
    into effects: inout [Effect]
  ) {
    localDiagnostic = .none
    timers[.reset] = nil
    move(to: newState, at: now)
    guard newState == .up else {
      log(.enteringInit, into: &effects)
      return
    }
    statistics.becameUp &+= 1
    log(.enteringUp, into: &effects)
    confirmedMinTx = min(configuration.idleTx, configuration.minTx)
    // RFC 5880 6.8.3: a changed Desired Min TX Interval is confirmed by a poll sequence.
    if configuration.idleTx != configuration.minTx { startPoll(into: &effects) }
    report(.up, into: &effects)
  }

  private mutating func goDown(
    _ diagnostic: BFDDiagnostic, at now: Instant, in environment: inout SessionEnvironment,
    into effects: inout [Effect]
  ) {
    let wasUp = state == .up
    if wasUp {
      statistics.becameDown &+= 1
      // The neighbor comes back only with the new discriminator: it knows then what we say now.
      endPoll()
      renewDiscriminator(in: &environment)
    }
    localDiagnostic = diagnostic
    log(
      .enteringDown(local: diagnostic, remote: remoteDiagnostic, wasUp: wasUp), into: &effects)
    timers[.detection] = nil
    timers[.reset] = now + detectionTime
    move(to: .down, at: now)
    transmitInterval = max(configuration.idleTx, remoteMinRx)
    // RFC 5882 4.2: a neighbor that is switched off by its administrator is no failure of the path;
    // nobody is to act on it.
    if wasUp && remoteState != .adminDown { report(.down, into: &effects) }
  }

  /// The end. The neighbor finds out by itself, as from the reference.
  mutating func stop(at now: Instant) {
    timers.cancelAll()
    hasOutput = false
  }

  /// The one place that assigns the state.
  private mutating func move(to state: BFDState, at now: Instant) {
    self.state = state
    lastTransition = now
  }

  /// A reload takes the state over from the old configuration.
  mutating func carry(_ old: SessionStateMachine, at now: Instant) {
    move(to: old.state, at: old.lastTransition ?? now)
    reported = old.reported
  }

  private mutating func report(_ report: SessionReport, into effects: inout [Effect]) {
    reported = report
    emit(.report(report), into: &effects)
  }

  private mutating func renewDiscriminator(in environment: inout SessionEnvironment) {
    localDiscriminator = environment.drawDiscriminator(for: index, instead: localDiscriminator)
  }
}
