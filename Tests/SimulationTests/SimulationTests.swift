import Primitives
import Simulation
import Testing

@Suite("Simulation")
struct SimulationTests {
  static let share: UInt64 = 1000

  @Test(
    "After quiet each virtual router has one master in each partition, and groups are whole",
    arguments: [UInt64(0), 1, 2])
  func convergence(part: UInt64) {
    for seed in part * Self.share..<(part + 1) * Self.share {
      var simulation = Simulation(seed: seed)
      if let fault = simulation.runChaos() {
        Issue.record("seed \(seed): \(fault)")
      }
    }
  }

  @Test("A stop costs no more than the skew time", arguments: [UInt64(0), 1])
  func handover(part: UInt64) {
    for seed in part * 250..<(part + 1) * 250 {
      var simulation = Simulation(seed: seed)
      guard let (gap, bound) = simulation.runHandover() else {
        Issue.record("seed \(seed): no master")
        continue
      }
      if gap > bound { Issue.record("seed \(seed): \(gap.count) µs, not \(bound.count)") }
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
