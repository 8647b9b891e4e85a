import Primitives
import Simulation
import Testing

/// BFD: thousands of seeds. `SIMULATION_SEED` and `SIMULATION_SHARE` are as in `SimulationTests`.
@Suite("Simulation of BFD")
struct SessionSimulationTests {
  private func run(
    _ part: UInt64, share: UInt64, _ body: (inout SessionSimulation) -> String?
  ) {
    for seed in SimulationTests.seeds(part, share: share) {
      var simulation = SessionSimulation(seed: seed, keepsJournal: SimulationTests.keepsJournal)
      let fault = body(&simulation)
      if SimulationTests.keepsJournal { print(simulation.journal.joined(separator: "\n")) }
      if let fault { Issue.record("seed \(seed): \(fault)") }
    }
  }

  @Test("Loss below the multiplier never takes a session down", arguments: [UInt64(0), 1])
  func tolerance(part: UInt64) {
    run(part, share: 500) { $0.runTolerance() }
  }

  @Test("After healing every session comes up and stays up", arguments: [UInt64(0), 1])
  func recovery(part: UInt64) {
    run(part, share: 500) { $0.runChaos() }
  }

  @Test("Who stood still listens before it takes a neighbor for dead", arguments: [UInt64(0), 1])
  func standstills(part: UInt64) {
    run(part, share: 250) { $0.runStandstills() }
  }

  @Test(
    "Silence is noticed within the negotiated time and one interval", arguments: [UInt64(0), 1])
  func detection(part: UInt64) {
    run(part, share: 250) { simulation in
      guard let (late, bound) = simulation.runDetection() else { return "not noticed" }
      return late > bound ? "\(late.count) µs late, not \(bound.count)" : nil
    }
  }

  @Test("A seed gives the same run each time")
  func reproducible() {
    var first = SessionSimulation(seed: 42, keepsJournal: true)
    var second = SessionSimulation(seed: 42, keepsJournal: true)
    #expect(first.runChaos() == second.runChaos())
    #expect(first.journal == second.journal)
    #expect(first.journal.count > 10)
  }
}
