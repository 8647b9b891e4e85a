import Primitives

/// Gratuitous ARP and unsolicited neighbour advertisements (RFC 5798 6.4.2 (375), (380)).
extension RouterStateMachine {
  /// Announces all addresses `count` times: the whole list, then the whole list again.
  mutating func announceAll(
    _ count: Int, at now: Instant, in environment: inout RouterEnvironment,
    into effects: inout [Effect]
  ) {
    guard count > 0 else { return }
    for reference in references {
      guard let entry = configuration.address(reference), entry.isAnnounced else { continue }
      log(.gratuitousBurst(entry.address, entry.interface), into: &effects)
    }
    for _ in 0..<count {
      for reference in references {
        announce(reference, limit: count, at: now, in: &environment, into: &effects)
      }
    }
  }

  private var references: [AddressReference] {
    configuration.addresses.indices.map { .virtual($0) }
      + configuration.excludedAddresses.indices.map { .excluded($0) }
  }

  private mutating func announce(
    _ reference: AddressReference, limit: Int, at now: Instant,
    in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    guard let entry = configuration.address(reference), entry.isAnnounced else { return }
    guard
      environment.gratuitous.admit(
        reference, of: index, limiter: entry.limiter, entry.address.family, limit: limit, at: now)
    else { return }
    sendGratuitous(reference, into: &effects)
  }

  func sendGratuitous(_ reference: AddressReference, into effects: inout [Effect]) {
    guard let entry = configuration.address(reference) else { return }
    log(.gratuitousSent(entry.address, entry.interface), into: &effects)
    emit(.sendGratuitous(reference), into: &effects)
  }

  /// The first address on each extra interface, once.
  private mutating func announceExtraInterfaces(
    at now: Instant, in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    var seen: [InterfaceIndex] = []
    for reference in references {
      guard let entry = configuration.address(reference), entry.isOnExtraInterface,
        !seen.contains(entry.interface)
      else { continue }
      seen.append(entry.interface)
      announce(reference, limit: 1, at: now, in: &environment, into: &effects)
    }
  }

  /// After the first burst of a MASTER.
  mutating func armGratuitousTimers(at now: Instant) {
    let schedule = configuration.gratuitous
    if schedule.masterDelay > .zero { timers[.delayedBurst] = now + schedule.masterDelay }
    if schedule.refresh > .zero {
      timers[.refresh] = now + schedule.masterDelay + schedule.refresh
    }
    let hasExtra =
      configuration.addresses.contains(where: \.isOnExtraInterface)
      || configuration.excludedAddresses.contains(where: \.isOnExtraInterface)
    if schedule.extraInterface > .zero && hasExtra {
      timers[.extraInterface] = now + schedule.masterDelay + schedule.extraInterface
    }
  }

  /// Hosts may have learned the address from a router of lower priority.
  mutating func announceOverLowerPriority(
    at now: Instant, in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    let schedule = configuration.gratuitous
    guard state == .master, schedule.lowerPriorityRepeat > 0 else { return }
    announceAll(schedule.lowerPriorityRepeat, at: now, in: &environment, into: &effects)
    if schedule.lowerPriorityDelay > .zero {
      timers[.lowerPriorityBurst] = now + schedule.lowerPriorityDelay
    }
  }

  /// The timers of a MASTER other than the advert timer.
  mutating func gratuitousTimersFired(
    at now: Instant, in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    let schedule = configuration.gratuitous
    if timers.take(.delayedBurst, at: now) {
      announceAll(schedule.masterRepeat, at: now, in: &environment, into: &effects)
    }
    if timers.take(.lowerPriorityBurst, at: now) {
      announceAll(schedule.lowerPriorityRepeat, at: now, in: &environment, into: &effects)
    }
    if timers.take(.refresh, at: now) {
      announceAll(schedule.refreshRepeat, at: now, in: &environment, into: &effects)
      if schedule.refresh > .zero { timers[.refresh] = now + schedule.refresh }
    }
    if timers.take(.extraInterface, at: now) {
      announceExtraInterfaces(at: now, in: &environment, into: &effects)
      if schedule.extraInterface > .zero {
        timers[.extraInterface] = now + schedule.extraInterface
      }
    }
  }
}
