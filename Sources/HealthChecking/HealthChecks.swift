// This target decides about the health of real servers and what IPVS holds because of it.
//
// `HealthChecks` owns virtual servers, real servers and checkers in three flat arrays; indices tie
// them together and are valid until a reload. A checker (`CheckerState`, one file for each way of
// counting failures) judges how an attempt ended. From its verdict follow the state of the real
// server, the weight and the quorum of the virtual server (`+Servers`, `+Quorum`). What IPVS shall
// hold is never stored: `pool` derives it, so that it cannot differ from the state.
//
// Time comes in as `now` with every call; what is to be done goes out as `Effect`s, in order.
// Chance comes from a generator that the caller gives.
//
// Invariants: a real server is alive if and only if none of its checkers holds it down, from the
// end of `start` on; the sorry server is used only without quorum; a checker has one attempt in
// flight at most; its deadline is set whenever it has none.

package import Configuration
package import Primitives

/// All virtual servers of the process with their real servers and checkers.
///
/// No call fails or traps, whatever the index.
package struct HealthChecks {
  package internal(set) var virtualServers: [VirtualServerState] = []
  package internal(set) var realServers: [RealServerState] = []
  package internal(set) var checkers: [CheckerState] = []
  package internal(set) var settings: Settings
  var random: any RandomNumberGenerator & Sendable
  /// Values of tracked files, by name.
  var fileValues: [String: Int] = [:]
  /// On how many interfaces an address is.
  var localAddresses: [IPAddress: Int] = [:]
  var groups: [VirtualServerGroup] = []
  private var pace = CheckPace()

  /// What of `global_defs` decides here.
  package struct Settings: Hashable, Sendable {
    /// Tell of each server that is in service at the start.
    package var notifiesAtStart = false
    package var logsAllFailures = false
    package var flushOnStop = LVSGlobals.FlushOnStop.off

    package init() {}
  }

  package init(
    _ configuration: LVSConfiguration, _ settings: Settings,
    random: any RandomNumberGenerator & Sendable
  ) {
    self.settings = settings
    self.random = random
    assemble(configuration)
  }

  mutating func assemble(_ configuration: LVSConfiguration) {
    virtualServers = []
    realServers = []
    checkers = []
    groups = configuration.groups
    var servers = 0
    var checks = 0
    for definition in configuration.virtualServers {
      servers += definition.realServers.count
      for server in definition.realServers { checks += server.checkers.count }
    }
    virtualServers.reserveCapacity(configuration.virtualServers.count)
    realServers.reserveCapacity(servers)
    checkers.reserveCapacity(checks)
    for (place, definition) in configuration.virtualServers.enumerated() {
      append(definition, VirtualServerIndex(rawValue: place))
    }
    pace = CheckPace(checkers)
  }

  private mutating func append(_ definition: VirtualServer, _ index: VirtualServerIndex) {
    let first = realServers.count
    let service = VirtualServerState(
      definition, servers: first..<first + definition.realServers.count)
    virtualServers.append(service)
    for server in definition.realServers {
      let endpoint = CheckerState.Endpoint(
        address: server.address, port: server.port, transport: definition.transport)
      let start = checkers.count
      let owner = RealServerIndex(rawValue: realServers.count)
      for checker in server.checkers {
        var state = CheckerState(
          checker, server: owner, endpoint: endpoint, serviceName: service.name)
        state.logsAll = checker.logsAllFailures || settings.logsAllFailures
        checkers.append(state)
      }
      realServers.append(
        RealServerState(
          server, definition.transport, virtualServer: index, checkers: start..<checkers.count))
    }
  }

  // MARK: Start

  /// Puts everything in service that nothing holds down. `activate` follows.
  package mutating func start(
    files: [String: Int], addresses: [IPAddress: Int], into effects: inout [Effect]
  ) {
    fileValues = files
    localAddresses = addresses
    readInitialFiles()
    for index in virtualServers.indices {
      countLocalAddresses(index)
      for server in virtualServers[index].servers where heldDown(server) == 0 {
        realServers[server].isAlive = true
        if settings.notifiesAtStart {
          effects.append(.notifyRealServer(RealServerIndex(rawValue: server), isUp: true))
        }
      }
      evaluateQuorum(index, isStart: true, into: &effects)
      effects.append(.pool(VirtualServerIndex(rawValue: index)))
    }
  }

  /// Arms the first checks of some checkers; after `start` and `reload` each must be.
  ///
  /// A checker that a reload has kept goes on in its own time: reloads that come often must not
  /// keep it from checking.
  package mutating func activate(
    _ places: Range<Int>, at now: Instant, into effects: inout [Effect]
  ) {
    for index in places.clamped(to: checkers.indices) {
      if checkers[index].isKept && checkers[index].isTimed && checkers[index].hasRun {
        let due = min(checkers[index].due, now + checkers[index].definition.delayLoop)
        checkers[index].due = due
        effects.append(.deadline(CheckerIndex(rawValue: index), max(due, now)))
      } else {
        activate(index, at: now, into: &effects)
      }
    }
  }

  private mutating func activate(_ index: Int, at now: Instant, into effects: inout [Effect]) {
    let checker = checkers[index]
    let names = (server: checker.serverName, service: checker.serviceName)
    if case .misc(let check) = checker.definition.kind, check.script == nil {
      effects.append(
        .log(
          .cannotCheck(
            server: names.server, service: names.service,
            command: check.command.joined(separator: " "), isUp: checker.isUp)))
      return
    }
    if !checker.isEnabled {
      effects.append(.log(.deactivating(server: names.server, service: names.service)))
    } else if !checker.hasRun {
      effects.append(.log(.activating(server: names.server, service: names.service)))
    }
    guard checker.isTimed else { return }
    let warmup = checker.definition.warmup
    var delay = Microseconds.seconds(1)
    if warmup > .zero {
      delay = delay + Microseconds(Int64.random(in: 0...warmup.count, using: &random))
    }
    arm(index, at: now + delay, into: &effects)
  }

  private mutating func arm(_ index: Int, at due: Instant, into effects: inout [Effect]) {
    checkers[index].due = due
    effects.append(.deadline(CheckerIndex(rawValue: index), due))
  }

  // MARK: Checks

  /// The deadline of a checker has come.
  package mutating func timerFired(
    _ checker: CheckerIndex, at now: Instant, into effects: inout [Effect]
  ) {
    let index = checker.rawValue
    guard checkers.indices.contains(index), !checkers[index].isRunning,
      checkers[index].due <= now
    else { return }
    guard checkers[index].isEnabled else {
      arm(index, at: now + checkers[index].definition.delayLoop, into: &effects)
      return
    }
    if !checkers[index].hasPlace, let place = pace.place(at: now) {
      checkers[index].hasPlace = true
      effects.append(.deadline(checker, place))
      return
    }
    checkers[index].hasPlace = false
    checkers[index].isRunning = true
    checkers[index].hasStoodStill = false
    checkers[index].lateness = now - checkers[index].due
    effects.append(.begin(checker, url: checkers[index].http.url))
  }

  /// This process stood still: what failed meanwhile may have failed for that. To be called before
  /// results are handed over.
  package mutating func wokeLate(by lateness: Microseconds, at now: Instant) {
    let standstill = Standstill(lateness: lateness, now: now)
    for index in checkers.indices where checkers[index].isRunning {
      let patience = checkers[index].definition.connection?.timeout ?? .seconds(1)
      if standstill.matters(to: patience) { checkers[index].hasStoodStill = true }
    }
  }

  /// An attempt has ended.
  package mutating func ended(
    _ checker: CheckerIndex, _ result: CheckResult, at now: Instant, into effects: inout [Effect]
  ) {
    let index = checker.rawValue
    guard checkers.indices.contains(index), checkers[index].isRunning else { return }
    checkers[index].isRunning = false
    let server = checkers[index].server.rawValue
    let weight = effectiveWeight(server)
    let judgement = checkers[index].judge(
      result, configuredWeight: realServers[server].definition.weight, at: now)
    for trace in judgement.traces { effects.append(.log(trace)) }
    if judgement.endsRunFirst { checkers[index].hasRun = true }
    weightMayHaveChanged(server, from: weight, into: &effects)
    if let verdict = judgement.verdict { apply(verdict, by: index, into: &effects) }
    if judgement.endsRun { checkers[index].hasRun = true }
    arm(index, at: nextStart(index, judgement.delay, now), into: &effects)
  }

  /// The delay counts from the end of the check or, for some kinds, from its start. How late this
  /// process was is taken off: checks that once began together because of a stall must not go on
  /// doing so.
  private func nextStart(_ index: Int, _ delay: Microseconds, _ now: Instant) -> Instant {
    let checker = checkers[index]
    if checker.definition.kind.traits.countsFromBegin { return max(now, checker.due + delay) }
    return max(now, now - min(checker.lateness, delay) + delay)
  }

  // MARK: Names

  func names(ofServer index: Int) -> (server: String, service: String) {
    let server = realServers[index]
    return (server.name, virtualServers[server.virtualServer.rawValue].name)
  }
}
