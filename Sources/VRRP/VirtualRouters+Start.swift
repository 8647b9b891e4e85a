package import Primitives

/// The first state decision, and the end.
extension VirtualRouters {
  package mutating func start(at now: Instant, into effects: inout [Effect]) {
    let delay = environment.options.startDelay
    if delay > .zero {
      environment.delayedUntil = now + delay
      effects.append(.process(.log(.process(.startDelayed(delay)))))
    }
    for index in routers.indices {
      routers[index].findStandingFaults()
      routers[index].evaluateTrackings(into: &effects)
      routers[index].notifyInitialPriority(isMaster: false, into: &effects)
    }
    for index in routers.indices where routers[index].group == nil {
      if !routers[index].faults.isEmpty {
        routers[index].enterFaultInitially(at: now, into: &effects)
      }
    }
    for index in groups.indices { decideInitially(index, into: &effects) }
    for index in routers.indices where routers[index].state == .initialize {
      begin(index, at: now, into: &effects)
    }
    // A group falls back before its members, but follows them into fault.
    for group in groups where group.state == .fault {
      effects.append(.group(group.index, .notify(.fault)))
    }
    publishAllDeadlines(into: &effects)
  }

  /// Who of its members wants to be MASTER.
  mutating func findOwners(of index: Int) {
    let members = groups[index].members
    let owners = members.allSatisfy {
      routers[$0.rawValue].wantsMaster && routers[$0.rawValue].configuration.isOwner
    }
    if !owners {
      for member in members { routers[member.rawValue].wantsMaster = false }
    }
    groups[index].startsAsMaster =
      owners && members.allSatisfy { routers[$0.rawValue].configuration.isExplicitOwner }
  }

  /// The state that a group begins with.
  private mutating func decideInitially(_ index: Int, into effects: inout [Effect]) {
    findOwners(of: index)
    let members = groups[index].members
    let state: RouterState =
      if members.contains(where: { !routers[$0.rawValue].faults.isEmpty }) {
        .fault
      } else if members.contains(where: { routers[$0.rawValue].pendingScripts > 0 }) {
        .initialize
      } else {
        .backup
      }
    if state == .fault { explainFault(of: index, into: &effects) }
    let isSilent = state == .fault || state == .backup && groups[index].startsAsMaster
    setState(state, of: groups[index].index, notifying: !isSilent, into: &effects)
  }

  /// Which member a group is at fault for.
  func explainFault(of index: Int, into effects: inout [Effect]) {
    guard
      let member = groups[index].members.first(where: { !routers[$0.rawValue].faults.isEmpty })
    else { return }
    let name = routers[member.rawValue].configuration.name
    effects.append(.group(groups[index].index, .log(.syncingToFault(of: name))))
  }

  /// The first state of a router.
  mutating func begin(_ index: Int, at now: Instant, into effects: inout [Effect]) {
    let group = routers[index].group.map { $0.rawValue }
    let groupState = group.map { groups[$0].state }
    if groupState == .fault || !routers[index].faults.isEmpty {
      routers[index].enterFaultInitially(at: now, into: &effects)
    } else if routers[index].pendingScripts > 0 || groupState == .initialize {
      routers[index].waitForScripts(at: now)
    } else if routers[index].wantsMaster && routers[index].configuration.isOwner {
      guard let group, !groups[group].startsAsMaster else {
        routers[index].awaitMastership(at: now, in: environment)
        return
      }
      let interval = routers[index].configuration.advertisementInterval
      routers[index].enterBackupInitially(
        timer: interval + routers[index].skewTime, at: now, in: environment, into: &effects)
    } else {
      routers[index].wantsMaster = false
      routers[index].enterBackupInitially(
        timer: routers[index].masterDownInterval, at: now, in: environment, into: &effects)
    }
  }

  /// Every MASTER resigns; then all are told that they stop, routers before groups.
  package mutating func shutdown(at now: Instant, into effects: inout [Effect]) {
    for index in routers.indices {
      routers[index].stop(at: now, in: &environment, into: &effects)
    }
    environment.delayedUntil = nil
    for index in routers.indices {
      routers[index].emit(.notify(.stop, routers[index].effectivePriority), into: &effects)
    }
    for group in groups { effects.append(.group(group.index, .notify(.stop))) }
    publishAllDeadlines(into: &effects)
  }
}
