import Foundation
import Primitives
import Simulation
import Testing

/// Thousands of seeds. `SIMULATION_SEED=17 swift test --filter SimulationTests` runs one and prints
/// its journal; `SIMULATION_SHARE=10000` runs more of them.
@Suite("Simulation")
struct SimulationTests {
  static func variable(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  static func seeds(_ part: UInt64, share: UInt64) -> Range<UInt64> {
    if let seed = variable("SIMULATION_SEED") { return part == 0 ? seed..<seed + 1 : 0..<0 }
    let share = variable("SIMULATION_SHARE") ?? share
    return part * share..<(part + 1) * share
  }

  static var keepsJournal: Bool { variable("SIMULATION_SEED") != nil }

  @Test(
    "After quiet each virtual router has one master in each partition, and groups are whole",
    arguments: [UInt64(0), 1, 2])
  func convergence(part: UInt64) {
    for seed in Self.seeds(part, share: 1000) {
      var simulation = Simulation(seed: seed, keepsJournal: Self.keepsJournal)
      let fault = simulation.runChaos()
      if Self.keepsJournal { print(simulation.journal.joined(separator: "\n")) }
      if let fault { Issue.record("seed \(seed): \(fault)") }
    }
  }

  @Test("A stop costs no more than the skew time", arguments: [UInt64(0), 1])
  func handover(part: UInt64) {
    for seed in Self.seeds(part, share: 250) {
      var simulation = Simulation(seed: seed, keepsJournal: Self.keepsJournal)
      let result = simulation.runHandover()
      if Self.keepsJournal { print(simulation.journal.joined(separator: "\n")) }
      guard let (gap, bound) = result else {
        Issue.record("seed \(seed): no master")
        continue
      }
      if gap > bound { Issue.record("seed \(seed): \(gap.count) µs, not \(bound.count)") }
    }
  }

  @Test("Who stood still listens before it acts", arguments: [UInt64(0), 1])
  func standstills(part: UInt64) {
    for seed in Self.seeds(part, share: 500) {
      var simulation = Simulation(seed: seed, keepsJournal: Self.keepsJournal)
      let fault = simulation.runStandstills()
      if Self.keepsJournal { print(simulation.journal.joined(separator: "\n")) }
      if let fault { Issue.record("seed \(seed): \(fault)") }
    }
  }

  @Test("A seed gives the same run each time")
  func reproducible() {
    var first = Simulation(seed: 42, keepsJournal: true)
    var second = Simulation(seed: 42, keepsJournal: true)
    #expect(first.runChaos() == second.runChaos())
    #expect(first.journal == second.journal)
    #expect(first.journal.count > 10)
  }
}
