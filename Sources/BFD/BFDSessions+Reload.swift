package import Primitives
import Wire

/// A new configuration while sessions go on.
extension BFDSessions {
  /// Matches new sessions with old ones, by name alone.
  package func plan(_ configurations: [SessionConfiguration]) -> ReloadPlan {
    var free: [String: SessionIndex] = [:]
    for session in sessions { free[session.configuration.name] = session.index }
    let predecessors = configurations.map { free.removeValue(forKey: $0.name) }
    return ReloadPlan(
      sessions: configurations, predecessors: predecessors, removed: free.values.sorted())
  }

  /// Indices are new ones from here on; the caller has forgotten all old deadlines before it
  /// carries out the effects. What is removed vanishes without a word.
  package mutating func reload(
    _ plan: ReloadPlan, at now: Instant, into effects: inout [Effect]
  ) {
    let old = sessions
    environment.forgetOwners()
    for index in plan.predecessors.compactMap(\.self) where old.indices.contains(index.rawValue) {
      // Taken before new ones are drawn.
      environment.keep(old[index.rawValue].localDiscriminator, for: index)
    }
    assemble(plan.sessions)
    for index in sessions.indices {
      let predecessor = plan.predecessors.indices.contains(index) ? plan.predecessors[index] : nil
      if let predecessor, old.indices.contains(predecessor.rawValue) {
        sessions[index].resume(
          old[predecessor.rawValue], at: now, in: &environment, into: &effects)
      } else {
        sessions[index].start(into: &effects)
        sessions[index].startsAtOnce = false
      }
    }
    publishAllDeadlines(into: &effects)
  }
}

extension SessionStateMachine {
  /// Goes on where the session of the old configuration was: state, discriminators, what is known
  /// of the neighbor, and what is left of the timers.
  fileprivate mutating func resume(
    _ old: SessionStateMachine, at now: Instant, in environment: inout SessionEnvironment,
    into effects: inout [Effect]
  ) {
    inherit(old, in: &environment)
    carry(old, at: now)
    let isChanged =
      old.configuration.minRx != configuration.minRx
      || old.configuration.minTx != configuration.minTx
    if state == .adminDown {
      timers.cancelAll()
      timers[.openOutput] = now + Self.outputRetryInterval
      emit(.openOutput, into: &effects)
    } else if old.hasOutput && usesSameOutput(as: old) {
      emit(.keepOutput(old.index), into: &effects)
    } else {
      emit(.openOutput, into: &effects)
    }
    if isChanged { startPoll(into: &effects) }
    adoptIntervals(at: now, in: &environment)
    emit(.report(reported), into: &effects)
  }

  /// What is new in the configuration counts at once where the neighbor need not know of it. A
  /// longer interval between its packets is waited for before it slows down.
  private mutating func adoptIntervals(
    at now: Instant, in environment: inout SessionEnvironment
  ) {
    let oldInterval = transmitInterval
    switch state {
    case .adminDown: break
    case .down: transmitInterval = max(configuration.idleTx, remoteMinRx)
    case .initialize, .up:
      updateIntervals()
      if let lastSeen, let deadline = timers[.detection] {
        timers[.detection] = max(deadline, lastSeen + detectionTime)
      }
    }
    if transmitInterval < oldInterval, let deadline = timers[.transmit] {
      timers[.transmit] = min(deadline, now + environment.jittered(transmitInterval))
    }
  }

  /// RFC 5881 4: one source port for the life of a session.
  private func usesSameOutput(as old: SessionStateMachine) -> Bool {
    configuration.neighbor == old.configuration.neighbor
      && configuration.source == old.configuration.source
      && configuration.isMultihop == old.configuration.isMultihop
  }

  private mutating func inherit(
    _ old: SessionStateMachine, in environment: inout SessionEnvironment
  ) {
    environment.release(localDiscriminator)
    environment.keep(old.localDiscriminator, for: index)
    localDiscriminator = old.localDiscriminator
    statistics = old.statistics
    localDiagnostic = old.localDiagnostic
    remoteState = old.remoteState
    remoteDiscriminator = old.remoteDiscriminator
    remoteDiagnostic = old.remoteDiagnostic
    remoteMinTx = old.remoteMinTx
    remoteMinRx = old.remoteMinRx
    remoteMultiplier = old.remoteMultiplier
    isRemoteDemanding = old.isRemoteDemanding
    transmitInterval = old.transmitInterval
    remoteTransmitInterval = old.remoteTransmitInterval
    detectionTime = old.detectionTime
    remoteDetectionTime = old.remoteDetectionTime
    poll = old.poll
    isPollStale = old.isPollStale
    // Of two reloads within one poll sequence the neighbor may know neither.
    confirmedMinTx = min(old.confirmedMinTx, old.configuration.minTx)
    confirmedMinRx = max(old.confirmedMinRx, old.configuration.minRx)
    lastSeen = old.lastSeen
    hasSendError = old.hasSendError
    complaintLimit = old.complaintLimit
    timers = old.timers
  }
}
