package import Primitives

/// A new configuration while adverts keep going out.
///
/// A reload has two steps, because indices change: `beginReload` says farewell with the old
/// indices, `finishReload` goes on with the new ones. The caller carries out the effects of the
/// first before it calls the second, and forgets all old deadlines in between.
extension VirtualRouters {
  /// Matches new routers with old ones. Names and versions do not matter.
  package func plan(
    routers configurations: [RouterConfiguration], groups: [SyncGroupConfiguration],
    options: ProtocolOptions
  ) -> ReloadPlan {
    var free: [RouterIdentity: [RouterIndex]] = [:]
    for router in routers {
      free[router.configuration.identity, default: []].append(router.index)
    }
    var predecessors: [RouterIndex?] = []
    var kept: Set<RouterIndex> = []
    for configuration in configurations {
      var candidates = free[configuration.identity] ?? []
      // Of several with one VRID and other peers the one of the same name is the same.
      let place =
        candidates.firstIndex { routers[$0.rawValue].configuration.name == configuration.name }
        ?? candidates.indices.first
      let predecessor = place.map { candidates.remove(at: $0) }
      free[configuration.identity] = candidates
      predecessors.append(predecessor)
      if let predecessor { kept.insert(predecessor) }
    }
    let removed = routers.map(\.index).filter { !kept.contains($0) }
    return ReloadPlan(
      routers: configurations, groups: groups, options: options, predecessors: predecessors,
      removed: removed)
  }

  /// With old indices: every MASTER sends an advertisement, and what is removed ends.
  package mutating func beginReload(
    _ plan: ReloadPlan, at now: Instant, into effects: inout [Effect]
  ) {
    if environment.delayedUntil == nil {
      for index in routers.indices where routers[index].state == .master {
        routers[index].advertise(at: now, into: &effects)
      }
    }
    for router in plan.removed where routers.indices.contains(router.rawValue) {
      let index = router.rawValue
      let wasFault = routers[index].state == .fault
      routers[index].stop(at: now, in: &environment, into: &effects)
      let priority = routers[index].effectivePriority
      if routers[index].configuration.notifyDeleted {
        routers[index].emit(.notify(.deleted, priority), into: &effects)
      } else if !wasFault {
        // Compatibility: reported as a fault, without the script for faults.
        routers[index].emit(.notifyRemoved(priority), into: &effects)
      }
    }
  }

  /// With new indices: states are carried over, differences applied.
  package mutating func finishReload(
    _ plan: ReloadPlan, at now: Instant, into effects: inout [Effect]
  ) {
    let old = routers
    let oldGroups = groups
    adjustDelay(plan.options, at: now, into: &effects)
    environment.options = plan.options
    environment.gratuitous = GratuitousQueue(limits: plan.options.limiters)
    assemble(plan.routers, plan.groups)
    let previous = plan.predecessors.map { index -> RouterStateMachine? in
      guard let index, old.indices.contains(index.rawValue) else { return nil }
      return old[index.rawValue]
    }
    for index in routers.indices {
      let before = previous.indices.contains(index) ? previous[index] : nil
      if let before { routers[index].inherit(before) }
      routers[index].findStandingFaults()
      routers[index].evaluateTrackings(into: &effects)
      if routers[index].effectivePriority != before?.effectivePriority {
        routers[index].notifyInitialPriority(isMaster: before?.state == .master, into: &effects)
      }
    }
    for index in groups.indices {
      findOwners(of: index)
      groups[index].state = decidedState(index, previous)
      if groups[index].state == .fault { explainFault(of: index, into: &effects) }
    }
    // Compatibility: a group falls back before its members, as at the start, but follows them into
    // fault; that it is MASTER from the beginning is not told.
    for index in groups.indices where groups[index].state == .backup {
      notifyState(of: index, oldGroups, into: &effects)
    }
    for index in routers.indices {
      let before = previous.indices.contains(index) ? previous[index] : nil
      resume(index, before, at: now, into: &effects)
    }
    // After the members, whose own notifications it would suppress.
    for index in groups.indices {
      if groups[index].state != .backup { notifyState(of: index, oldGroups, into: &effects) }
      setState(groups[index].state, of: groups[index].index, notifying: false, into: &effects)
    }
    publishAllDeadlines(into: &effects)
  }

  /// A running start delay follows its new length.
  private mutating func adjustDelay(
    _ options: ProtocolOptions, at now: Instant, into effects: inout [Effect]
  ) {
    guard let end = environment.delayedUntil else { return }
    let newEnd = end + (options.startDelay - environment.options.startDelay)
    if newEnd <= now {
      environment.delayedUntil = nil
      effects.append(.process(.log(.process(.startDelayPassed))))
    } else if newEnd != end {
      environment.delayedUntil = newEnd
      effects.append(.process(.log(.process(.startDelayExtended(newEnd - now)))))
    }
  }

  /// A group stays MASTER if a member was: what a reload adds to it joins, and takes nothing away.
  private func decidedState(
    _ index: Int, _ previous: [RouterStateMachine?]
  ) -> RouterState {
    let members = groups[index].members
    if members.contains(where: { !routers[$0.rawValue].faults.isEmpty }) { return .fault }
    if members.contains(where: { previous[$0.rawValue]?.state == .master }) { return .master }
    if members.contains(where: { routers[$0.rawValue].pendingScripts > 0 }) { return .initialize }
    return .backup
  }

  /// Notifies a group of a state that is another than before the reload.
  private func notifyState(
    of index: Int, _ oldGroups: ContiguousArray<SyncGroup>, into effects: inout [Effect]
  ) {
    let group = groups[index]
    guard let state = NotifiedState(group.state) else { return }
    let name = group.configuration.name
    let oldState = oldGroups.first { $0.configuration.name == name }?.state
    // Its members are about to be MASTER, as at the start.
    if group.state == .backup && group.startsAsMaster && oldState == .fault { return }
    if oldState == group.state {
      guard environment.options.fifoWriteVRRPStatesOnReload else { return }
      effects.append(.group(group.index, .writeState(state)))
    } else if oldState != nil || group.state != .master {
      effects.append(.group(group.index, .notify(state)))
    }
  }

  private mutating func resume(
    _ index: Int, _ before: RouterStateMachine?, at now: Instant, into effects: inout [Effect]
  ) {
    let groupState = routers[index].group.map { groups[$0.rawValue].state }
    let isFault = !routers[index].faults.isEmpty || groupState == .fault
    let isPending = routers[index].pendingScripts > 0 || groupState == .initialize
    guard let before, before.state != .initialize else {
      return beginOrJoin(index, at: now, into: &effects)
    }
    routers[index].carry(before.state, at: now, in: environment)
    switch before.state {
    case .initialize: break
    case .master:
      routers[index].emit(.replaceAddresses(before.index), into: &effects)
      if isFault {
        let cause: RouterStateMachine.LeaveCause =
          routers[index].faults.isEmpty ? .groupFault : .fault
        routers[index].leaveMaster(cause, at: now, in: &environment, into: &effects)
      } else if isPending || groupState == .backup {
        routers[index].leaveMaster(.yielding, at: now, in: &environment, into: &effects)
        if isPending { routers[index].waitForScripts(at: now) }
      } else {
        routers[index].continueAsMaster(before, at: now, in: &environment, into: &effects)
      }
    case .backup:
      if isFault {
        routers[index].enterFault(at: now, into: &effects)
      } else if isPending {
        routers[index].waitForScripts(at: now)
      }
    case .fault:
      if !isFault && !isPending {
        beginOrJoin(index, at: now, into: &effects)
      }
    }
    if environment.options.fifoWriteVRRPStatesOnReload, routers[index].state == before.state,
      let notified = NotifiedState(before.state)
    {
      routers[index].emit(
        .writeState(notified, routers[index].effectivePriority), into: &effects)
    }
  }
}

extension VirtualRouters {
  /// A router that is new, or no longer at fault, is what its group is.
  private mutating func beginOrJoin(
    _ index: Int, at now: Instant, into effects: inout [Effect]
  ) {
    guard let group = routers[index].group, groups[group.rawValue].state == .master,
      routers[index].pendingScripts == 0
    else { return begin(index, at: now, into: &effects) }
    routers[index].emit(.removeLeftovers, into: &effects)
    join(group, index, at: now, into: &effects)
  }
}

extension RouterStateMachine {
  /// What survives a reload. Not the recorded MASTER, its interval, preemption delays or marks.
  fileprivate mutating func inherit(_ old: RouterStateMachine) {
    statistics = old.statistics
    sequenceNumber = old.sequenceNumber
    receivedSequenceNumber = old.receivedSequenceNumber
    isSequenceExhausted = old.isSequenceExhausted
    holdsAddresses = old.holdsAddresses
    lastAdvertisement = old.lastAdvertisement
    isNotified = old.isNotified
    masterReason = old.masterReason
    nextMasterReason = old.nextMasterReason
    trailerState = old.trailerState.withoutMarks
    // An owner that was at fault begins anew.
    wantsMaster = old.state == .master || old.state == .fault && configuration.wantsMaster
  }

  /// Advertises at once and announces what is new.
  fileprivate mutating func continueAsMaster(
    _ old: RouterStateMachine, at now: Instant, in environment: inout RouterEnvironment,
    into effects: inout [Effect]
  ) {
    holdsAddresses = true
    wantsMaster = true
    if environment.delayedUntil == nil {
      advertise(at: now, into: &effects)
    } else {
      timers[.election] = environment.timerBase(now) + configuration.advertisementInterval
    }
    let known = Set(old.configuration.addresses + old.configuration.excludedAddresses)
    let all = configuration.addresses + configuration.excludedAddresses
    let hasNew = all.contains { !known.contains($0) }
    let schedule = configuration.gratuitous
    if hasNew || schedule.refresh > .zero {
      announceAll(schedule.masterRepeat, at: now, in: &environment, into: &effects)
    }
    armGratuitousTimers(at: now)
    if !hasNew { timers[.delayedBurst] = nil }
  }
}
