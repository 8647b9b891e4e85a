import Primitives

/// The members of a sync group move together.
extension VirtualRouters {
  /// A down timer has expired.
  mutating func seekMastership(_ index: Int, at now: Instant, into effects: inout [Effect]) {
    routers[index].wantsMaster = true
    guard mayBecomeMaster(index) else {
      routers[index].timers[.election] = now + routers[index].masterDownInterval
      return
    }
    routers[index].becomeMaster(at: now, in: &environment, into: &effects)
    syncToMaster(after: index, at: now, into: &effects)
  }

  /// A group becomes MASTER when the last of its members has heard no other MASTER.
  private func mayBecomeMaster(_ index: Int) -> Bool {
    guard let group = routers[index].group else { return true }
    switch groups[group.rawValue].state {
    case .master: return true
    case .fault, .initialize: return false
    case .backup:
      return groups[group.rawValue].members.allSatisfy {
        $0.rawValue == index || routers[$0.rawValue].wantsMaster
      }
    }
  }

  /// A MASTER group has a member more.
  mutating func join(
    _ group: GroupIndex, _ index: Int, at now: Instant, into effects: inout [Effect]
  ) {
    let other = groups[group.rawValue].members.first { routers[$0.rawValue].state == .master }
    if let other { routers[index].nextMasterReason = routers[other.rawValue].masterReason }
    routers[index].becomeMaster(at: now, in: &environment, into: &effects)
  }

  private mutating func syncToMaster(
    after index: Int, at now: Instant, into effects: inout [Effect]
  ) {
    guard let group = routers[index].group, groups[group.rawValue].state != .master else { return }
    effects.append(.group(group, .log(.syncing(.master))))
    for member in groups[group.rawValue].members
    where routers[member.rawValue].state != .master {
      routers[member.rawValue].nextMasterReason = routers[index].masterReason
      routers[member.rawValue].becomeMaster(at: now, in: &environment, into: &effects)
    }
    setState(.master, of: group, notifying: true, into: &effects)
  }

  mutating func syncToBackup(after index: Int, at now: Instant, into effects: inout [Effect]) {
    guard let group = routers[index].group, groups[group.rawValue].state != .backup else { return }
    effects.append(.group(group, .log(.syncing(.backup))))
    for member in groups[group.rawValue].members where member.rawValue != index {
      switch routers[member.rawValue].state {
      case .master:
        routers[member.rawValue].leaveMaster(
          .yielding, at: now, in: &environment, into: &effects)
      case .fault, .initialize: leaveFault(member.rawValue, at: now, into: &effects)
      case .backup: break
      }
    }
    setState(.backup, of: group, notifying: true, into: &effects)
  }

  mutating func setState(
    _ state: RouterState, of group: GroupIndex, notifying: Bool, into effects: inout [Effect]
  ) {
    groups[group.rawValue].state = state
    for member in groups[group.rawValue].members { routers[member.rawValue].groupState = state }
    guard notifying, let notified = NotifiedState(state) else { return }
    effects.append(.group(group, .notify(notified)))
  }
}
