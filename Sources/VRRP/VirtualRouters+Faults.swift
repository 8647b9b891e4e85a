import Primitives

/// Faults come and go; what they mean for one router and its group.
extension VirtualRouters {
  mutating func track(
    _ tracker: TrackerID, _ status: TrackerStatus, of index: Int, at now: Instant,
    into effects: inout [Effect]
  ) {
    changeFaults(of: index, at: now, into: &effects) { router, effects in
      router.track(tracker, status, at: now, into: &effects)
    }
  }

  /// The address of the interface, for routers without a configured one or that track theirs.
  mutating func changeSource(
    of index: Int, to address: IPAddress?, at now: Instant, into effects: inout [Effect]
  ) {
    if routers[index].configuration.configuredSource != nil {
      return trackSource(of: index, address, at: now, into: &effects)
    }
    routers[index].configuration.interfaceSource = address
    if let address {
      guard address.family == routers[index].configuration.family else { return }
      routers[index].source = address
      changeFaults(of: index, at: now, into: &effects) { router, _ in
        router.standingFaults.remove(.noSourceAddress)
      }
      return
    }
    // A MASTER over IPv4 still tells from its old address that it stops; over IPv6 the kernel
    // would refuse.
    let isIPv6 = routers[index].configuration.family == .ipv6
    if isIPv6 { routers[index].source = nil }
    changeFaults(of: index, at: now, into: &effects) { router, _ in
      router.standingFaults.insert(.noSourceAddress)
    }
    routers[index].source = nil
  }

  private mutating func trackSource(
    of index: Int, _ address: IPAddress?, at now: Instant, into effects: inout [Effect]
  ) {
    guard routers[index].configuration.tracksSource else { return }
    routers[index].configuration.interfaceSource = address
    changeFaults(of: index, at: now, into: &effects) { router, _ in
      if router.configuration.lacksTrackedSource {
        router.standingFaults.insert(.noSourceAddress)
      } else {
        router.standingFaults.remove(.noSourceAddress)
      }
    }
  }

  /// Makes a change to one router's faults and draws the consequences.
  mutating func changeFaults(
    of index: Int, at now: Instant, into effects: inout [Effect],
    _ change: (inout RouterStateMachine, inout [Effect]) -> Void
  ) {
    let before = routers[index].faults
    let pendingBefore = routers[index].pendingScripts
    change(&routers[index], &effects)
    routers[index].countTrackings()
    let after = routers[index].faults
    if before.isEmpty && !after.isEmpty {
      fault(index, at: now, into: &effects)
    } else if after.isEmpty && routers[index].pendingScripts == 0
      && (!before.isEmpty || pendingBefore > 0)
    {
      recover(index, wasFault: !before.isEmpty, at: now, into: &effects)
    }
  }

  /// The first reason for fault.
  private mutating func fault(_ index: Int, at now: Instant, into effects: inout [Effect]) {
    switch routers[index].state {
    case .master: routers[index].leaveMaster(.fault, at: now, in: &environment, into: &effects)
    case .backup, .initialize: routers[index].enterFault(at: now, into: &effects)
    case .fault: routers[index].revealFault(into: &effects)
    }
    guard let group = routers[index].group, groups[group.rawValue].state != .fault else { return }
    effects.append(.group(group, .log(.syncing(.fault))))
    for member in groups[group.rawValue].members where member.rawValue != index {
      switch routers[member.rawValue].state {
      case .master:
        routers[member.rawValue].leaveMaster(
          .groupFault, at: now, in: &environment, into: &effects)
      case .backup, .initialize: routers[member.rawValue].enterFault(at: now, into: &effects)
      // Compatibility: one that waited silently for scripts of the group is not told of, unless
      // the fault is its own.
      case .fault: break
      }
    }
    setState(.fault, of: group, notifying: true, into: &effects)
  }

  /// The last reason for fault is gone, or the last script has ended.
  private mutating func recover(
    _ index: Int, wasFault: Bool, at now: Instant, into effects: inout [Effect]
  ) {
    guard routers[index].state == .fault else { return }
    let isReadyOwner =
      !wasFault && routers[index].configuration.isOwner && routers[index].wantsMaster
    guard let group = routers[index].group else {
      if isReadyOwner {
        routers[index].becomeMaster(at: now, in: &environment, into: &effects)
      } else {
        leaveFault(index, at: now, into: &effects)
      }
      return
    }
    if groups[group.rawValue].state == .master {
      return join(group, index, at: now, into: &effects)
    }
    let members = groups[group.rawValue].members
    let isClear = members.allSatisfy {
      routers[$0.rawValue].faults.isEmpty && routers[$0.rawValue].pendingScripts == 0
    }
    guard isClear else { return }
    leaveFault(index, at: now, isOwnerInGroup: isReadyOwner, into: &effects)
    syncToBackup(after: index, at: now, into: &effects)
  }

  mutating func leaveFault(
    _ index: Int, at now: Instant, isOwnerInGroup: Bool = false, into effects: inout [Effect]
  ) {
    let router = routers[index].configuration
    let timer =
      isOwnerInGroup ? router.advertisementInterval + routers[index].skewTime : nil
    routers[index].enterBackup(timer: timer, at: now, in: environment, into: &effects)
    // Compatibility: peers may have learned another place for the source of unicast.
    guard router.isUnicast, router.sendingInterface != .none, environment.delayedUntil == nil,
      let source = routers[index].source
    else { return }
    routers[index].log(.sourceAnnounced(source, router.sendingInterface), into: &effects)
    routers[index].emit(.sendGratuitous(.source), into: &effects)
  }

  /// Another program took something away that a MASTER needs.
  mutating func loseResource(of index: Int, at now: Instant, into effects: inout [Effect]) {
    guard routers[index].state == .master else { return }
    abandon(index, at: now, into: &effects)
    guard let group = routers[index].group else { return }
    for member in groups[group.rawValue].members
    where member.rawValue != index && routers[member.rawValue].state == .master {
      abandon(member.rawValue, at: now, into: &effects)
    }
    // Compatibility: the group is not notified.
    setState(.backup, of: group, notifying: false, into: &effects)
  }

  /// Back after the skew time, if nobody else is MASTER by then.
  private mutating func abandon(_ index: Int, at now: Instant, into effects: inout [Effect]) {
    routers[index].leaveMaster(.removal, at: now, in: &environment, into: &effects)
    routers[index].timers[.election] = now + routers[index].skewTime
  }
}
