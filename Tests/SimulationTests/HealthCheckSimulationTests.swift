import Simulation
import Testing

/// Health checks: `SIMULATION_SEED` and `SIMULATION_SHARE` are as in `SimulationTests`.
@Suite("Simulation of health checks")
struct HealthCheckSimulationTests {
  @Test("Whatever happens, IPVS holds what follows from the checks", arguments: [UInt64(0), 1])
  func invariants(part: UInt64) {
    var attempts = 0
    var reloads = 0
    for seed in SimulationTests.seeds(part, share: 200) {
      var simulation = HealthCheckSimulation(seed: seed)
      let fault = simulation.run()
      attempts += simulation.attempts
      reloads += simulation.reloads
      if let fault { Issue.record("seed \(seed): \(fault)") }
    }
    #expect(attempts > 0 && reloads > 0)
  }
}
