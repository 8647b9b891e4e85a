package import Primitives

/// All virtual routers and sync groups of a process.
///
/// It owns them together because a transition of one member of a group moves the others, and the
/// order of the effects matters. No call fails or traps, whatever the packet or the index. Every
/// call appends effects, which the caller carries out in order; a router's deadline is among them
/// whenever it changes.
package struct VirtualRouters {
  package internal(set) var routers: ContiguousArray<RouterStateMachine> = []
  package internal(set) var groups: ContiguousArray<SyncGroup> = []
  var environment: RouterEnvironment
  /// When `processTimerFired` is to be called next, as the effects have said.
  package private(set) var processDeadline: Instant?

  package init(
    routers: [RouterConfiguration], groups: [SyncGroupConfiguration], options: ProtocolOptions,
    authenticator: any Authenticator
  ) {
    environment = RouterEnvironment(options: options, authenticator: authenticator)
    assemble(routers, groups)
  }

  /// Makes the routers and groups of a configuration. Unknown members and members of an earlier
  /// group are left out.
  mutating func assemble(
    _ configurations: [RouterConfiguration], _ groupConfigurations: [SyncGroupConfiguration]
  ) {
    routers = []
    groups = []
    var names: [String: RouterIndex] = [:]
    for (place, configuration) in configurations.enumerated() {
      let index = RouterIndex(rawValue: place)
      routers.append(RouterStateMachine(configuration, index: index))
      names[configuration.name] = names[configuration.name] ?? index
    }
    for configuration in groupConfigurations {
      let index = GroupIndex(rawValue: groups.count)
      var members: [RouterIndex] = []
      for name in configuration.members {
        guard let member = names[name], routers[member.rawValue].group == nil else { continue }
        routers[member.rawValue].group = index
        members.append(member)
      }
      groups.append(SyncGroup(configuration, index: index, members: members))
    }
  }

  package var options: ProtocolOptions { environment.options }

  /// Whether the start delay still runs.
  package var isDelayed: Bool { environment.delayedUntil != nil }

  package func receiveTable(
    _ family: AddressFamily, sharedBy indices: [RouterIndex]
  ) -> ReceiveTable {
    var table = ReceiveTable(family: family)
    for index in indices where routers.indices.contains(index.rawValue) {
      table.insert(index, routers[index.rawValue].configuration.virtualRouterID)
    }
    return table
  }

  // MARK: Events

  package mutating func handle(
    _ event: Event, router: RouterIndex, at now: Instant, into effects: inout [Effect]
  ) {
    let index = router.rawValue
    guard routers.indices.contains(index) else { return }
    switch event {
    case .sourceAddressChanged(let address):
      changeSource(of: index, to: address, at: now, into: &effects)
    case .trackerChanged(let tracker, let status):
      track(tracker, status, of: index, at: now, into: &effects)
    case .duplicateVirtualRouterID(let isDuplicate):
      changeFaults(of: index, at: now, into: &effects) { router, _ in
        if isDuplicate {
          router.standingFaults.insert(.duplicateVirtualRouterID)
        } else {
          router.standingFaults.remove(.duplicateVirtualRouterID)
        }
      }
    case .addressRemoved(let reference):
      guard let entry = routers[index].configuration.address(reference) else { return }
      guard routers[index].state == .master else { return }
      routers[index].log(.addressRemoved(entry.address, entry.interface), into: &effects)
      loseResource(of: index, at: now, into: &effects)
    case .routeRemoved, .ruleRemoved:
      loseResource(of: index, at: now, into: &effects)
    }
    publishDeadlines(around: index, into: &effects)
  }

  /// Tells all virtual routers that track it.
  package mutating func trackerChanged(
    _ tracker: TrackerID, _ status: TrackerStatus, at now: Instant, into effects: inout [Effect]
  ) {
    for index in routers.indices {
      guard routers[index].configuration.trackings.contains(where: { $0.tracker == tracker })
      else { continue }
      handle(
        .trackerChanged(tracker, status), router: RouterIndex(rawValue: index), at: now,
        into: &effects)
    }
  }

  /// A deadline of the router has come. Calling early or for nothing is harmless.
  package mutating func timerFired(
    router: RouterIndex, at now: Instant, into effects: inout [Effect]
  ) {
    let index = router.rawValue
    guard routers.indices.contains(index) else { return }
    if routers[index].timers.take(.election, at: now) {
      switch routers[index].state {
      case .master: routers[index].advertise(at: now, into: &effects)
      case .backup:
        routers[index].log(.advertisementTimeout, into: &effects)
        seekMastership(index, at: now, into: &effects)
      case .initialize, .fault: break
      }
    }
    if routers[index].timers.take(.rogueOwner, at: now) {
      routers[index].log(.rogueOwnerGone, into: &effects)
    }
    routers[index].gratuitousTimersFired(at: now, in: &environment, into: &effects)
    publishDeadlines(around: index, into: &effects)
  }

  /// The deadline of the process has come: the start delay or a queued gratuitous message.
  package mutating func processTimerFired(at now: Instant, into effects: inout [Effect]) {
    if let end = environment.delayedUntil, end <= now {
      environment.delayedUntil = nil
      effects.append(.process(.log(.process(.startDelayCompleted))))
    }
    while let (router, reference) = environment.gratuitous.take(at: now) {
      guard routers.indices.contains(router.rawValue) else { continue }
      routers[router.rawValue].sendGratuitous(reference, into: &effects)
    }
    publishProcessDeadline(into: &effects)
  }

  /// This process stood still, by a suspension for example. To be called before what waits is
  /// handed over, and before timers fire.
  package mutating func wokeLate(
    by lateness: Microseconds, at now: Instant, into effects: inout [Effect]
  ) {
    yieldStaleMasters(lateness, at: now, into: &effects)
    let standstill = Standstill(lateness: lateness, now: now)
    for index in routers.indices {
      routers[index].excuseSilence(during: standstill)
      routers[index].publishDeadline(into: &effects)
    }
  }

  /// A MASTER with `timer_expired_backup` may have been replaced meanwhile.
  private mutating func yieldStaleMasters(
    _ lateness: Microseconds, at now: Instant, into effects: inout [Effect]
  ) {
    var least: Microseconds?
    for index in routers.indices {
      guard let (allowance, _) = routers[index].lateness else { continue }
      least = min(least ?? allowance, allowance)
    }
    guard let least, lateness >= least else { return }
    effects.append(.process(.log(.process(.threadTimerExpired(lateness)))))
    for index in routers.indices {
      guard routers[index].state == .master, let (_, age) = routers[index].lateness,
        let last = routers[index].lastAdvertisement, now - last > age
      else { continue }
      routers[index].leaveMaster(.yielding, at: now, in: &environment, into: &effects)
      syncToBackup(after: index, at: now, into: &effects)
      publishDeadlines(around: index, into: &effects)
    }
  }

  /// Counts from zero again.
  package mutating func clearStatistics() {
    for index in routers.indices { routers[index].statistics = RouterStatistics() }
  }

  // MARK: Deadlines

  /// Of the router and, because they move together, of the members of its group.
  func membersAround(_ index: Int) -> [RouterIndex] {
    guard let group = routers[index].group else { return [] }
    return groups[group.rawValue].members
  }

  mutating func publishDeadlines(around index: Int, into effects: inout [Effect]) {
    routers[index].publishDeadline(into: &effects)
    if let group = routers[index].group {
      for place in groups[group.rawValue].members.indices {
        let member = groups[group.rawValue].members[place].rawValue
        routers[member].publishDeadline(into: &effects)
      }
    }
    publishProcessDeadline(into: &effects)
  }

  mutating func publishAllDeadlines(into effects: inout [Effect]) {
    for index in routers.indices { routers[index].publishDeadline(into: &effects) }
    publishProcessDeadline(into: &effects)
  }

  mutating func publishProcessDeadline(into effects: inout [Effect]) {
    let queued = environment.gratuitous.deadline
    let delayed = environment.delayedUntil
    let deadline: Instant? =
      if let queued, let delayed { min(queued, delayed) } else { queued ?? delayed }
    guard deadline != processDeadline else { return }
    processDeadline = deadline
    effects.append(.process(.deadline(deadline)))
  }
}
