package import Primitives
import Wire

/// The VRRP virtual router state machine (RFC 5798 6.4) of one virtual router.
///
/// It performs no I/O and reads no clock: events and the current time come in, effects go out, and
/// the caller carries them out in order. What concerns several members of a sync group is decided
/// by `VirtualRouters`, which alone drives it.
package struct RouterStateMachine {
  package let index: RouterIndex
  package internal(set) var configuration: RouterConfiguration
  package private(set) var state: RouterState = .initialize
  package internal(set) var statistics = RouterStatistics()
  /// When the state was last entered.
  package private(set) var lastTransition: Instant?

  /// The down timer has expired, or the configuration begins so: a sync group waits for all.
  package internal(set) var wantsMaster: Bool
  /// The configured priority and what the trackers add, without limits.
  package internal(set) var totalPriority: Int
  package internal(set) var effectivePriority: Priority
  package internal(set) var faults: FaultReasons = []
  /// Unweighted scripts that have not ended once.
  package internal(set) var pendingScripts = 0
  /// Reasons for fault that no tracker gives.
  var standingFaults: FaultReasons = []

  /// The source of the advertisements.
  package internal(set) var source: IPAddress?
  /// The sender of the last accepted advertisement.
  package internal(set) var master: IPAddress?
  package internal(set) var masterPriority = Priority.stop
  /// Master_Adver_Interval (RFC 5798 6.1).
  package internal(set) var masterInterval: Microseconds
  package internal(set) var masterReason = MasterReason.notMaster
  var nextMasterReason = MasterReason.notMaster
  /// When a lower priority may be preempted.
  package internal(set) var preemptsAt: Instant?
  /// Addresses, routes and rules are on the system.
  package internal(set) var holdsAddresses = false

  var timers = RouterTimers()
  var publishedDeadline: Instant?
  /// Kinds of messages already logged under this master.
  var complaints: UInt32 = 0
  var lastAdvertisement: Instant?
  /// The silence that lasts was excused once: this process could not hear.
  var isSilenceExcused = false

  /// The counter of the authentication header: what we sent last, or accepted last.
  package internal(set) var sequenceNumber: UInt32 = 0
  /// What we accepted last.
  var receivedSequenceNumber: UInt32 = 0
  var isSequenceExhausted = false
  var hasDetectedOldChecksum = false
  var identification: UInt16 = 0
  var trailerState = TrailerState()
  var template: AdvertisementTemplate

  /// Own advertisements until another owner of the addresses should have stopped.
  var rogueOwnerCountdown = 0
  var rogueOwnerInterval = Microseconds.zero

  package internal(set) var group: GroupIndex?
  var groupState: RouterState?
  var isNotified = false

  init(_ configuration: RouterConfiguration, index: RouterIndex) {
    self.index = index
    self.configuration = configuration
    wantsMaster = configuration.wantsMaster
    totalPriority = Int(configuration.priority.rawValue)
    effectivePriority = configuration.priority
    masterInterval = configuration.advertisementInterval
    source = configuration.configuredSource ?? configuration.interfaceSource
    template = AdvertisementTemplate(configuration)
    // The least interval on the wire (RFC 5798 5.2.7): a timer of zero would fire for ever.
    self.configuration.advertisementInterval = max(
      configuration.advertisementInterval, .centiseconds(1))
    masterInterval = self.configuration.advertisementInterval
  }

  package var deadline: Instant? { timers.next }

  /// When the next advertisement goes, or when the MASTER is taken for down.
  package var electionDeadline: Instant? { timers[.election] }

  /// Says when its timers expire next, if that has changed.
  // Mutating, here and in some other places, so that the array lends the router in place.
  mutating func publishDeadline(into effects: inout [Effect]) {
    let deadline = timers.next
    guard deadline != publishedDeadline else { return }
    publishedDeadline = deadline
    emit(.deadline(deadline), into: &effects)
  }

  func emit(_ effect: RouterEffect, into effects: inout [Effect]) {
    effects.append(.router(index, effect))
  }

  func log(_ trace: RouterTrace, into effects: inout [Effect]) {
    emit(.log(trace), into: &effects)
  }

  // MARK: Times

  /// Base priority 255 counts as 255 even while it is reduced for another owner.
  private var timerPriority: Priority { configuration.isOwner ? .owner : effectivePriority }

  /// Skew_Time (RFC 3768 6.1, RFC 5798 6.1).
  package var skewTime: Microseconds { skewTime(timerPriority) }

  func skewTime(_ priority: Priority) -> Microseconds {
    let units = Int64(256 - Int(priority.rawValue))
    switch configuration.version {
    case .two: return .seconds(1) * units / 256
    case .three: return masterInterval / 10_000 * units * 625 / 16
    }
  }

  /// Master_Down_Interval (RFC 5798 6.1), with a configurable count.
  package var masterDownInterval: Microseconds {
    masterInterval * configuration.downTimerAdverts + skewTime
  }

  // MARK: Advertisements

  /// Sends one advertisement, or one to each peer.
  mutating func sendAdvertisement(
    _ priority: Priority, at now: Instant, into effects: inout [Effect]
  ) {
    guard let source else {
      log(.noAddressYet(configuration.sendingInterface), into: &effects)
      return
    }
    identification = identification == .max ? 1 : identification + 1
    if case .header = configuration.authentication {
      // RFC 2402 3.3.2: the counter must not cycle; a new MASTER begins anew.
      if sequenceNumber > 0xffff_fffd {
        isSequenceExhausted = true
      } else {
        sequenceNumber += 1
      }
    }
    statistics.advertisementsSent &+= 1
    lastAdvertisement = now
    if rogueOwnerCountdown > 0 {
      rogueOwnerCountdown -= 1
      if rogueOwnerCountdown == 0 {
        let interval = max(configuration.advertisementInterval, rogueOwnerInterval)
        timers[.rogueOwner] = now + interval * 12 / 10
      }
    }
    let stamp = AdvertisementStamp(
      priority: priority, identification: identification, sequenceNumber: sequenceNumber,
      source: source)
    emit(.sendAdvertisement(stamp), into: &effects)
  }

  /// An advertisement and the advert timer (RFC 5798 6.4.3 (605)).
  mutating func advertise(at now: Instant, into effects: inout [Effect]) {
    sendAdvertisement(effectivePriority, at: now, into: &effects)
    timers[.election] = now + configuration.advertisementInterval
  }

  // MARK: Transitions

  /// Sends, takes the addresses and announces them (RFC 5798 6.4.2 (365) and following).
  mutating func becomeMaster(
    at now: Instant, in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    complaints = 0
    if isSequenceExhausted {
      sequenceNumber = 0
      receivedSequenceNumber = 0
      isSequenceExhausted = false
    }
    wantsMaster = true
    move(to: .master, at: now)
    advertise(at: now, into: &effects)

    log(.enteringMaster, into: &effects)
    statistics.becameMaster &+= 1
    masterReason = nextMasterReason
    restoreOwner(.priorityRestoredByDisappearance, into: &effects)
    if masterInterval != configuration.advertisementInterval {
      log(
        .intervalRestored(from: masterInterval, to: configuration.advertisementInterval),
        into: &effects)
      masterInterval = configuration.advertisementInterval
    }
    install(into: &effects)
    announceAll(
      configuration.gratuitous.masterRepeat, at: now, in: &environment, into: &effects)
    armGratuitousTimers(at: now)
    notify(.master, into: &effects)
    if configuration.runsSyncDaemon { emit(.startSyncDaemonMaster, into: &effects) }
  }

  private mutating func install(into effects: inout [Effect]) {
    holdsAddresses = true
    if configuration.usesFirewall { emit(.addFirewallElements, into: &effects) }
    if !configuration.addresses.isEmpty { emit(.addAddresses, into: &effects) }
    if !configuration.excludedAddresses.isEmpty { emit(.addExcludedAddresses, into: &effects) }
    if configuration.hasRoutes { emit(.addRoutes, into: &effects) }
    if configuration.hasRules { emit(.addRules, into: &effects) }
    emit(.drainNetlink, into: &effects)
  }

  /// Takes addresses, routes and rules from the system.
  mutating func release(in environment: inout RouterEnvironment, into effects: inout [Effect]) {
    environment.gratuitous.drop(index)
    timers.cancelAll()
    rogueOwnerCountdown = 0
    guard holdsAddresses || environment.options.alwaysReleasesAddresses else { return }
    holdsAddresses = false
    if configuration.hasRules { emit(.removeRules, into: &effects) }
    if configuration.hasRoutes { emit(.removeRoutes, into: &effects) }
    if !configuration.addresses.isEmpty { emit(.removeAddresses, into: &effects) }
    if !configuration.excludedAddresses.isEmpty { emit(.removeExcludedAddresses, into: &effects) }
    if configuration.usesFirewall { emit(.removeFirewallElements, into: &effects) }
  }

  /// Why a MASTER ends to be one; it decides on advertisements of priority 0.
  enum LeaveCause {
    /// Another is MASTER, or the group is BACKUP, or we slept too long.
    case yielding
    /// Our own fault.
    case fault
    /// Another member of the group has a fault.
    case groupFault
    /// Another program removed an address, a route or a rule of ours or of the group.
    case removal
  }

  mutating func leaveMaster(
    _ cause: LeaveCause, at now: Instant, in environment: inout RouterEnvironment,
    into effects: inout [Effect]
  ) {
    if configuration.runsSyncDaemon { emit(.startSyncDaemonBackup, into: &effects) }
    complaints = 0
    wantsMaster = false
    let isFault: Bool
    switch cause {
    case .yielding, .removal: isFault = false
    case .fault, .groupFault: isFault = true
    }
    log(isFault ? .enteringFault : .enteringBackup, into: &effects)
    if !isFault { preemptsAt = nil }

    // Compatibility: an own fault is told twice, once without being counted.
    if isFault && source != nil { sendAdvertisement(.stop, at: now, into: &effects) }
    switch cause {
    case .fault, .removal: resign(at: now, into: &effects)
    case .groupFault, .yielding: break
    }
    release(in: &environment, into: &effects)
    move(to: isFault ? .fault : .backup, at: now)
    masterReason = .notMaster
    statistics.releasedMaster &+= 1
    notify(isFault ? .fault : .backup, into: &effects)
    if !isFault { timers[.election] = environment.timerBase(now) + masterDownInterval }
  }

  /// Tells the others that this MASTER stops (RFC 5798 6.4.3 (655)).
  mutating func resign(at now: Instant, into effects: inout [Effect]) {
    guard source != nil else { return }
    sendAdvertisement(.stop, at: now, into: &effects)
    statistics.priorityZeroSent &+= 1
    log(.sentPriorityZero, into: &effects)
  }

  /// From BACKUP or initialize; a MASTER leaves by `leaveMaster`.
  mutating func enterFault(at now: Instant, into effects: inout [Effect]) {
    log(.enteringFault, into: &effects)
    timers.cancelAll()
    wantsMaster = false
    move(to: .fault, at: now)
    notify(.fault, into: &effects)
  }

  /// In fault without telling anyone: scripts have to end first.
  mutating func waitForScripts(at now: Instant) {
    timers.cancelAll()
    move(to: .fault, at: now)
  }

  /// The state fault was entered before, silently.
  mutating func revealFault(into effects: inout [Effect]) {
    wantsMaster = false
    notify(.fault, into: &effects)
  }

  mutating func enterFaultInitially(at now: Instant, into effects: inout [Effect]) {
    log(.faultInitially, into: &effects)
    wantsMaster = false
    move(to: .fault, at: now)
    notify(.fault, into: &effects)
  }

  /// From initialize at the start.
  mutating func enterBackupInitially(
    timer: Microseconds, at now: Instant, in environment: RouterEnvironment,
    into effects: inout [Effect]
  ) {
    emit(.removeLeftovers, into: &effects)
    log(.enteringBackupInitially, into: &effects)
    move(to: .backup, at: now)
    nextMasterReason = .masterNoResponse
    timers[.election] = environment.timerBase(now) + timer
    notify(.backup, into: &effects)
  }

  /// An owner begins as MASTER after the shortest time, without telling of BACKUP.
  mutating func awaitMastership(
    at now: Instant, in environment: RouterEnvironment
  ) {
    move(to: .backup, at: now)
    nextMasterReason = .preempted
    let delay = environment.delayedUntil == nil
    timers[.election] =
      environment.timerBase(now)
      + (delay ? Microseconds(1) : configuration.advertisementInterval)
  }

  /// From fault, or from initialize with a group.
  mutating func enterBackup(
    timer: Microseconds? = nil, at now: Instant, in environment: RouterEnvironment,
    into effects: inout [Effect]
  ) {
    log(.enteringBackup, into: &effects)
    preemptsAt = nil
    wantsMaster = false
    masterInterval = configuration.advertisementInterval
    nextMasterReason = .masterNoResponse
    move(to: .backup, at: now)
    timers[.election] = environment.timerBase(now) + (timer ?? masterDownInterval)
    notify(.backup, into: &effects)
  }

  /// A reload took the state over from the old configuration.
  mutating func carry(_ old: RouterState, at now: Instant, in environment: RouterEnvironment) {
    move(to: old, at: now)
    switch old {
    case .backup: timers[.election] = environment.timerBase(now) + masterDownInterval
    case .master, .fault, .initialize: break
    }
  }

  /// The end, or the end of this router at a reload.
  mutating func stop(
    at now: Instant, in environment: inout RouterEnvironment, into effects: inout [Effect]
  ) {
    if state == .master && !environment.options.keepsAddressesAtStop {
      resign(at: now, into: &effects)
      release(in: &environment, into: &effects)
      masterReason = .notMaster
    }
    environment.gratuitous.drop(index)
    timers.cancelAll()
    move(to: .initialize, at: now)
  }

  /// The one place that assigns the state.
  private mutating func move(to state: RouterState, at now: Instant) {
    self.state = state
    isSilenceExcused = false
    lastTransition = now
  }

  /// Notifies once: a member whose group is in that state already has been notified with it.
  mutating func notify(_ state: NotifiedState, into effects: inout [Effect]) {
    if isNotified, let groupState, NotifiedState(groupState) == state { return }
    isNotified = true
    emit(.notify(state, effectivePriority), into: &effects)
  }

  /// The priority of an owner that made room for another owner.
  mutating func restoreOwner(_ trace: RouterTrace, into effects: inout [Effect]) {
    guard configuration.isOwner, effectivePriority != .owner else { return }
    log(trace, into: &effects)
    effectivePriority = .owner
  }

  // MARK: Start

  mutating func findStandingFaults() {
    standingFaults = []
    if configuration.hasConfigurationFault { standingFaults.insert(.configuration) }
    if source == nil || configuration.lacksTrackedSource {
      standingFaults.insert(.noSourceAddress)
    }
  }

  /// Trackers have made the priority another one than the configured.
  func notifyInitialPriority(isMaster: Bool, into effects: inout [Effect]) {
    guard effectivePriority != configuration.priority else { return }
    log(.priorityChanged(from: configuration.priority, to: effectivePriority), into: &effects)
    guard configuration.notifyPriorityChanges else { return }
    emit(.notifyPriority(isMaster: isMaster, effectivePriority), into: &effects)
  }

  /// `timer_expired_backup`: how late a wake-up may be, and how old the last advertisement.
  var lateness: (allowance: Microseconds, age: Microseconds)? {
    guard let priority = configuration.timerExpiredBackup else { return nil }
    let interval = configuration.advertisementInterval
    let units = Int64(256 - Int(priority.rawValue))
    let term =
      switch configuration.version {
      case .two: Microseconds.seconds(1) * units / 256
      case .three: interval * units / 256
      }
    return (interval * 2 + term, interval * 3 + term)
  }
}
