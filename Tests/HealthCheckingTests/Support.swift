import Configuration
import HealthChecking
import IPVS
import Primitives

/// A generator without surprises.
struct CountingGenerator: RandomNumberGenerator, Sendable {
  var state: UInt64 = 1
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

extension IPAddress {
  static func test(_ last: UInt8) -> IPAddress {
    .ipv4(IPv4Address(bits: 0xc000_0200 | UInt32(last)))
  }
}

extension Checker {
  static func tcp(retry: UInt32 = 1, isAlpha: Bool = false, _ last: UInt8 = 1) -> Checker {
    var checker = Checker(.tcp(CheckConnection(address: .test(last), port: 80)))
    checker.retry = retry
    checker.isAlpha = isAlpha
    checker.delayLoop = .seconds(10)
    checker.delayBeforeRetry = .seconds(2)
    checker.warmup = .zero
    return checker
  }
}

extension RealServer {
  static func test(_ last: UInt8, weight: UInt32 = 1, _ checkers: [Checker]) -> RealServer {
    var server = RealServer(address: .test(last), port: 80)
    server.weight = weight
    server.checkers = checkers
    return server
  }
}

extension VirtualServer {
  static func test(_ servers: [RealServer], at last: UInt8 = 100) -> VirtualServer {
    var server = VirtualServer(service: .address(.test(last), port: 80))
    server.family = .ipv4
    server.transport = .tcp
    server.realServers = servers
    return server
  }
}

/// The core with a clock, and all that it has asked for.
struct Bench {
  var core: HealthChecks
  var now = Instant(microseconds: 0)
  var effects: [Effect] = []
  /// The deadline of each checker.
  var deadlines: [Int: Instant] = [:]
  var running: [Int: Int] = [:]

  init(_ servers: [VirtualServer], _ settings: HealthChecks.Settings = .init()) {
    var configuration = LVSConfiguration()
    configuration.virtualServers = servers
    core = HealthChecks(configuration, settings, random: CountingGenerator())
  }

  mutating func start(files: [String: Int] = [:], addresses: [IPAddress: Int] = [:]) {
    core.start(files: files, addresses: addresses, into: &effects)
    core.activate(core.checkers.indices, at: now, into: &effects)
    take()
  }

  /// Notes what the process would do.
  mutating func take() {
    for effect in effects {
      if case .deadline(let checker, let due) = effect { deadlines[checker.rawValue] = due }
      if case .begin(let checker, let url) = effect {
        deadlines[checker.rawValue] = nil
        running[checker.rawValue] = url
      }
    }
  }

  /// Lets the checker's next attempt begin and end; the log lines and notifications of it.
  mutating func check(_ checker: Int = 0, _ result: CheckResult) -> [String] {
    effects = []
    now = max(now, deadlines[checker] ?? now)
    core.timerFired(CheckerIndex(rawValue: checker), at: now, into: &effects)
    take()
    running[checker] = nil
    effects = []
    core.ended(CheckerIndex(rawValue: checker), result, at: now, into: &effects)
    take()
    return told
  }

  mutating func reload(_ servers: [VirtualServer], _ settings: HealthChecks.Settings = .init()) {
    var configuration = LVSConfiguration()
    configuration.virtualServers = servers
    effects = []
    deadlines = [:]
    running = [:]
    core.reload(
      configuration, settings, files: [:], addresses: [:], into: &effects)
    core.activate(core.checkers.indices, at: now, into: &effects)
    take()
  }

  /// Log lines, and notifications in brackets.
  var told: [String] {
    effects.compactMap { effect in
      switch effect {
      case .log(let trace): trace.message
      case .notifyRealServer(let index, let isUp):
        "<RS \(core.realServers[index.rawValue].name) \(isUp ? "UP" : "DOWN")>"
      case .notifyVirtualServer(let index, let isUp):
        "<VS \(core.virtualServers[index.rawValue].name) \(isUp ? "UP" : "DOWN")>"
      case .notifyRemovedRealServer(let index): "<removed RS \(index.rawValue)>"
      case .notifyRemovedVirtualServer(let index): "<removed VS \(index.rawValue)>"
      case .begin, .deadline, .pool: nil
      }
    }
  }

  /// `0*1` for a real server of weight 1, `sorry`.
  func pool(_ index: Int = 0) -> [String] {
    core.pool(VirtualServerIndex(rawValue: index)).map { member in
      switch member.server {
      case .real(let place): "\(place)*\(member.weight)"
      case .sorry: "sorry*\(member.weight)"
      }
    }
  }

  /// Seconds until the checker acts.
  func delay(_ checker: Int = 0) -> Double? {
    deadlines[checker].map { Double(($0 - now).count) / 1_000_000 }
  }
}

let failed = CheckResult.failed(detail: "failed")
let passed = CheckResult.passed(proof: nil)
