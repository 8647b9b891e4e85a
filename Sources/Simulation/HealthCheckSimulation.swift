import Configuration
import HealthChecking
import IPVS
import Primitives

/// The real core of health checking under random results, events and reloads, on a virtual clock.
/// The seed decides everything.
package struct HealthCheckSimulation {
  package let seed: UInt64
  private var random: RandomSource
  private var now = Instant.zero
  private var core: HealthChecks
  private var effects: [Effect] = []
  /// When each checker begins its next attempt.
  private var deadlines: [Int: Instant] = [:]
  private var running: Set<Int> = []
  /// How many attempts have ended, and how often the configuration was read again.
  package private(set) var attempts = 0
  package private(set) var reloads = 0
  private var definition: [VirtualServer]
  /// Checkers whose last failure fell into a standstill of the process.
  private var excused: Set<Int> = []
  /// What was wrong in an attempt.
  private var broken: String?

  package init(seed: UInt64) {
    self.seed = seed
    random = RandomSource(seed: seed)
    definition = Self.definition(&random)
    core = HealthChecks(
      Self.configuration(definition), .init(), random: RandomSource(seed: random.next()))
  }

  // MARK: Runs

  /// Says what is wrong, if anything.
  package mutating func run(steps: Int = 120) -> String? {
    core.start(files: [:], addresses: [:], into: &effects)
    activate()
    for step in 0..<steps {
      if random.chance(5) { reload() } else { attempt() }
      if let fault = fault() { return "step \(step): \(fault)" }
    }
    return nil
  }

  private mutating func activate() {
    core.activate(core.checkers.indices, at: now, into: &effects)
    perform()
  }

  private mutating func reload() {
    reloads += 1
    if random.chance(50) { definition = Self.definition(&random) }
    deadlines = [:]
    running = []
    excused = []
    core.reload(
      Self.configuration(definition), .init(), files: [:], addresses: [:], into: &effects)
    activate()
  }

  /// The attempt that is due first begins and ends.
  private mutating func attempt() {
    guard let next = deadlines.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
    let checker = CheckerIndex(rawValue: next.key)
    now = max(now, next.value)
    core.timerFired(checker, at: now, into: &effects)
    perform()
    // It may have been held back.
    guard running.remove(next.key) != nil else { return }
    let stoodStill = random.chance(20)
    if stoodStill { standStill() }
    let before = core.checkers[next.key]
    let result = result()
    core.ended(checker, result, at: now, into: &effects)
    perform()
    attempts += 1
    let after = core.checkers[next.key]
    guard case .failed = result else {
      if case .passed = result { excused.remove(next.key) }
      return
    }
    if stoodStill && !excused.contains(next.key) {
      excused.insert(next.key)
      if after.failures != before.failures || after.isUp != before.isUp {
        broken = "checker \(next.key) counts a failure for which it stood still"
      }
    } else {
      excused.remove(next.key)
      if after.failures == before.failures && after.isUp && before.isUp {
        broken = "checker \(next.key) forgives a failure"
      }
    }
  }

  private mutating func standStill() {
    let time = random.time(1_000_000...20_000_000)
    now = now + time
    core.wokeLate(by: time, at: now)
  }

  private mutating func result() -> CheckResult {
    switch random.number(0...4) {
    case 0, 1: .passed(proof: nil)
    case 2, 3: .failed(detail: "failed")
    default: .postponed(reason: "no port")
    }
  }

  /// Notes what the process would do.
  private mutating func perform() {
    for effect in effects {
      if case .deadline(let checker, let due) = effect { deadlines[checker.rawValue] = due }
      if case .begin(let checker, _) = effect {
        deadlines[checker.rawValue] = nil
        running.insert(checker.rawValue)
      }
    }
    effects = []
  }

  // MARK: What must hold between any two events

  private func fault() -> String? {
    if let broken { return broken }
    for (index, checker) in core.checkers.enumerated()
    where deadlines[index] == nil && !running.contains(index) {
      return "checker \(index) of \(checker.definition.kind) is never going to check again"
    }
    return core.virtualServers.indices.lazy.compactMap(faultOfService).first
  }

  private func faultOfService(_ index: Int) -> String? {
    let service = core.virtualServers[index]
    let pool = core.pool(VirtualServerIndex(rawValue: index))
    if service.hasQuorum, pool.contains(where: { $0.server == .sorry && $0.weight > 0 }) {
      return "the sorry server serves in spite of the quorum"
    }
    var weight: Int64 = 0
    for server in service.servers {
      let state = core.realServers[server]
      let isHeldDown = state.checkers.contains { !core.checkers[$0].isUp }
      if state.isAlive == isHeldDown { return "\(state.name) does not follow its checkers" }
      if state.isAlive { weight += Int64(core.effectiveWeight(server)) }
      let place = server - service.servers.lowerBound
      let serves = pool.contains { $0.server == .real(place) && $0.weight > 0 }
      if serves && isHeldDown { return "clients reach the dead \(state.name)" }
      if serves && service.usesSorryServer { return "servers beside the sorry server" }
    }
    let quorum = Int64(service.definition.quorum)
    let hysteresis = Int64(service.definition.hysteresis)
    if service.hasQuorum && (weight == 0 || weight < quorum - hysteresis) {
      return "quorum with weight \(weight)"
    }
    if !service.hasQuorum && weight >= quorum + hysteresis { return "no quorum with \(weight)" }
    if !service.hasQuorum && service.definition.sorryServer != nil && !service.usesSorryServer {
      return "neither quorum nor sorry server"
    }
    return nil
  }

  // MARK: Random configurations

  private static func configuration(_ servers: [VirtualServer]) -> LVSConfiguration {
    var configuration = LVSConfiguration()
    configuration.virtualServers = servers
    return configuration
  }

  private static func definition(_ random: inout RandomSource) -> [VirtualServer] {
    (0..<random.number(1...3)).map { virtualServer($0, &random) }
  }

  private static func virtualServer(_ place: Int, _ random: inout RandomSource) -> VirtualServer {
    var service = VirtualServer(service: .address(address(100 + place), port: 80))
    service.family = .ipv4
    service.transport = .tcp
    service.realServers = (1...random.number(1...5)).map { realServer($0, &random) }
    let total = max(1, service.realServers.reduce(0) { $0 + Int($1.weight) })
    service.quorum = UInt32(random.number(1...total))
    service.hysteresis = UInt32(random.number(0...Int(service.quorum) - 1))
    if random.chance(50) {
      service.sorryServer = SorryServer(address: address(9), port: 80)
      service.sorryServer?.inhibitsOnFailure = random.chance(50)
    }
    return service
  }

  private static func realServer(_ number: Int, _ random: inout RandomSource) -> RealServer {
    var server = RealServer(address: address(number), port: 80)
    server.weight = UInt32(random.number(0...3))
    server.inhibitsOnFailure = random.chance(25)
    server.checkers = (0..<random.number(0...2)).map { _ in
      var checker = Checker(.tcp(CheckConnection(address: address(number), port: 80)))
      checker.retry = UInt32(random.number(0...2))
      checker.isAlpha = random.chance(50)
      checker.delayLoop = .seconds(10)
      checker.delayBeforeRetry = .seconds(2)
      checker.warmup = .zero
      return checker
    }
    return server
  }

  private static func address(_ last: Int) -> IPAddress {
    .ipv4(IPv4Address(192, 0, 2, UInt8(truncatingIfNeeded: last)))
  }
}
