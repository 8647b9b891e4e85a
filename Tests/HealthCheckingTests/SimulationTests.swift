import Configuration
import HealthChecking
import Primitives
import Testing

/// Random configurations under random results, events and reloads.
@Suite struct HealthCheckingSimulationTests {
  @Test("Whatever happens, IPVS holds what follows from the checks", arguments: 0..<400)
  func invariants(_ seed: Int) {
    var random = CountingGenerator(state: UInt64(seed) &* 7919 &+ 1)
    var world = World(&random)
    world.bench.start()
    for step in 0..<120 {
      world.step(&random)
      if let fault = world.fault() {
        Issue.record("seed \(seed), step \(step): \(fault)")
        return
      }
    }
  }
}

private struct World {
  var definition: [VirtualServer]
  var bench: Bench

  init(_ random: inout CountingGenerator) {
    definition = Self.definition(&random)
    bench = Bench(definition)
  }

  static func definition(_ random: inout CountingGenerator) -> [VirtualServer] {
    (0..<Int.random(in: 1...3, using: &random)).map { place in
      let servers = (0..<Int.random(in: 1...5, using: &random)).map { number in
        var server = RealServer.test(
          UInt8(number + 1), weight: UInt32.random(in: 0...3, using: &random),
          (0..<Int.random(in: 0...2, using: &random)).map { _ in
            .tcp(retry: .random(in: 0...2, using: &random), isAlpha: .random(using: &random))
          })
        server.inhibitsOnFailure = Int.random(in: 0..<4, using: &random) == 0
        return server
      }
      var service = VirtualServer.test(servers, at: UInt8(100 + place))
      let total = max(1, servers.reduce(0) { $0 + $1.weight })
      service.quorum = UInt32.random(in: 1...total, using: &random)
      service.hysteresis = UInt32.random(in: 0..<service.quorum, using: &random)
      if Bool.random(using: &random) {
        service.sorryServer = SorryServer(address: .test(9), port: 80)
        service.sorryServer?.inhibitsOnFailure = Bool.random(using: &random)
      }
      return service
    }
  }

  mutating func step(_ random: inout CountingGenerator) {
    if Int.random(in: 0..<20, using: &random) == 0 {
      if Bool.random(using: &random) { definition = Self.definition(&random) }
      bench.reload(definition)
      return
    }
    guard let next = bench.deadlines.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
    else { return }
    let results: [CheckResult] = [passed, passed, failed, failed, .postponed(reason: "no port")]
    _ = bench.check(next.key, results[Int.random(in: 0..<results.count, using: &random)])
  }

  /// What must hold between any two events.
  func fault() -> String? {
    let core = bench.core
    for (index, checker) in core.checkers.enumerated()
    where bench.deadlines[index] == nil && bench.running[index] == nil {
      return "checker \(index) of \(checker.definition.kind) is never going to check again"
    }
    for (index, service) in core.virtualServers.enumerated() {
      let pool = core.pool(VirtualServerIndex(rawValue: index))
      for member in pool where member.server == .sorry && member.weight > 0 {
        if service.hasQuorum { return "the sorry server serves in spite of the quorum" }
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
      if !service.hasQuorum && weight >= quorum + hysteresis {
        return "no quorum with weight \(weight)"
      }
      if !service.hasQuorum && service.definition.sorryServer != nil && !service.usesSorryServer {
        return "neither quorum nor sorry server"
      }
    }
    return nil
  }
}
