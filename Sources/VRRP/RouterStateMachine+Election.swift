import Primitives
import Wire

/// Reactions to accepted advertisements (RFC 5798 6.4.2, 6.4.3).
extension RouterStateMachine {
  /// RFC 5798 6.4.2 (420) to (460).
  mutating func receiveAsBackup(
    _ advertisement: Advertisement, at now: Instant, in environment: RouterEnvironment,
    into effects: inout [Effect]
  ) {
    let isNewSource = master != advertisement.source
    if isNewSource || advertisement.priority != .owner {
      restoreOwner(.priorityRestoredByLowerPriority, into: &effects)
    }
    if advertisement.priority == .stop {
      // RFC 5798 6.4.2 (425): also without preemption, for there is no MASTER any more.
      log(.backupReceivedPriorityZero, into: &effects)
      nextMasterReason = .priority
      timers[.election] = now + skewTime
      return
    }
    let isLower = advertisement.priority < effectivePriority
    let isDelayed = configuration.preemptDelay != nil && (preemptsAt.map { now < $0 } ?? true)
    guard !isLower || !configuration.preempts || isDelayed else {
      log(
        .discardedLowerPriority(from: advertisement.source, advertisement.priority),
        into: &effects)
      nextMasterReason = .preempted
      recordMaster(advertisement.source, into: &effects)
      return
    }
    // Messages that were suppressed may come again under a new master.
    if isNewSource { complaints = 0 }
    learnInterval(advertisement.interval, into: &effects)
    timers[.election] = now + masterDownInterval
    isSilenceExcused = false
    wantsMaster = false
    recordMaster(advertisement.source, into: &effects)
    masterPriority = advertisement.priority
    nextMasterReason = .masterNoResponse
    updatePreemptDelay(isLower, at: now, into: &effects)
  }

  private mutating func recordMaster(_ source: IPAddress, into effects: inout [Effect]) {
    guard master != source else { return }
    if let master {
      log(.masterChanged(from: master, to: source), into: &effects)
    } else {
      log(.masterSet(source), into: &effects)
    }
    master = source
  }

  private mutating func updatePreemptDelay(
    _ isLower: Bool, at now: Instant, into effects: inout [Effect]
  ) {
    guard let delay = configuration.preemptDelay else { return }
    if !isLower {
      if preemptsAt != nil { log(.preemptDelayStopped, into: &effects) }
      preemptsAt = nil
    } else if preemptsAt == nil {
      preemptsAt = now + delay
      log(.preemptDelayStarted(delay), into: &effects)
    }
  }

  /// Version 3 follows the interval of the MASTER (RFC 5798 6.4.2 (440)).
  ///
  /// An interval of zero would make every silence a failure; it is taken for ours.
  private mutating func learnInterval(_ interval: Microseconds, into effects: inout [Effect]) {
    guard configuration.version == .three else { return }
    let interval = interval > .zero ? interval : configuration.advertisementInterval
    guard interval != masterInterval else { return }
    log(.intervalUpdated(from: masterInterval, to: interval), into: &effects)
    let shrinks = interval < masterInterval
    masterInterval = interval
    if shrinks {
      let adverts = configuration.downTimerAdverts
      emit(.limitDebounce(interval * max(0, adverts - 1) - interval / 256), into: &effects)
    }
  }

  /// Who stood still gives the MASTER one interval to be heard, with some time for the way, and
  /// only once in a silence: on a machine that is always late a dead MASTER is replaced all the
  /// same. Who is about to preempt, an owner at its start among them, goes by nobody's silence.
  mutating func excuseSilence(during standstill: Standstill) {
    let end = standstill.now + masterInterval + masterInterval / 4
    guard state == .backup, nextMasterReason != .preempted, !isSilenceExcused,
      standstill.matters(to: masterInterval), let deadline = timers[.election], deadline < end
    else { return }
    isSilenceExcused = true
    timers[.election] = end
  }

  enum MasterReaction {
    case none
    /// Another router is MASTER now.
    case yielded
    /// We stay, and tell hosts and others.
    case defended
  }

  /// RFC 5798 6.4.3 (700) to (770).
  mutating func receiveAsMaster(
    _ advertisement: Advertisement, at now: Instant, in environment: inout RouterEnvironment,
    into effects: inout [Effect]
  ) -> MasterReaction {
    if advertisement.priority == .stop {
      // RFC 5798 6.4.3 (705).
      log(.masterReceivedPriorityZero, into: &effects)
      advertise(at: now, into: &effects)
      return .none
    }
    guard let source else { return .none }
    if advertisement.priority == effectivePriority && advertisement.source == source {
      log(.equalPriorityFromOurAddress, into: &effects)
      return .none
    }
    if configuration.isOwner && advertisement.priority == .owner && effectivePriority == .owner {
      meetOtherOwner(advertisement, ours: source, into: &effects)
    }
    // RFC 5798 6.4.3 (725): equal priorities are decided by the address.
    let isHigher =
      advertisement.priority > effectivePriority
      || advertisement.priority == effectivePriority && advertisement.source > source
    guard isHigher else {
      defend(against: advertisement, at: now, in: &environment, into: &effects)
      return .defended
    }
    if configuration.higherPrioSendAdvert {
      sendAdvertisement(effectivePriority, at: now, into: &effects)
    }
    if advertisement.priority == effectivePriority || configuration.isOwner {
      log(.higherAddress(from: advertisement.source, advertisement.priority), into: &effects)
    } else {
      log(
        .higherPriority(
          from: advertisement.source, theirs: advertisement.priority, ours: effectivePriority),
        into: &effects)
    }
    learnInterval(advertisement.interval, into: &effects)
    recordMaster(advertisement.source, into: &effects)
    masterPriority = advertisement.priority
    nextMasterReason = .masterNoResponse
    leaveMaster(.yielding, at: now, in: &environment, into: &effects)
    return .yielded
  }

  private mutating func defend(
    against advertisement: Advertisement, at now: Instant,
    in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    let electing = !configuration.lowerPrioNoAdvert
    log(
      .lowerPriority(
        from: advertisement.source, theirs: advertisement.priority, ours: effectivePriority,
        electing: electing),
      into: &effects)
    if case .header = configuration.authentication {
      // Our next number must be after the other's for those that accepted it.
      log(.sequenceNumberSynchronized, into: &effects)
      sequenceNumber = sequenceNumber == .max ? .max : sequenceNumber + 1
    }
    if electing { advertise(at: now, into: &effects) }
    announceOverLowerPriority(at: now, in: &environment, into: &effects)
  }

  /// Two routers claim to own the addresses. The one of the lower address yields; the other gives
  /// it time to do so, and yields in the end if it does not.
  private mutating func meetOtherOwner(
    _ advertisement: Advertisement, ours: IPAddress, into effects: inout [Effect]
  ) {
    if advertisement.source > ours {
      log(.bothOwners(advertisement.source), into: &effects)
    } else if timers[.rogueOwner] != nil {
      log(.rogueOwnerRemains(advertisement.source), into: &effects)
      timers[.rogueOwner] = nil
      effectivePriority = .highestBackup
    } else if rogueOwnerCountdown == 0 {
      log(.bothOwners(advertisement.source), into: &effects)
      // The answer to this advertisement and two more.
      rogueOwnerCountdown = 3
      rogueOwnerInterval = advertisement.interval
    }
  }
}
