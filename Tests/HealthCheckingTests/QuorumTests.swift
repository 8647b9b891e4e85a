import Configuration
import HealthChecking
import Primitives
import Testing

private let service = "[192.0.2.100]:tcp:80"
private let sorry = "[192.0.2.9]:tcp:80"

@Suite struct QuorumTests {
  private func services(
    quorum: UInt32, hysteresis: UInt32 = 0, hasSorry: Bool = true, weights: [UInt32],
    isAlpha: Bool = false
  ) -> [VirtualServer] {
    var definition = VirtualServer.test(
      weights.enumerated().map { place, weight in
        .test(UInt8(place + 1), weight: weight, [.tcp(retry: 0, isAlpha: isAlpha)])
      })
    definition.quorum = quorum
    definition.hysteresis = hysteresis
    if hasSorry { definition.sorryServer = SorryServer(address: .test(9), port: 80) }
    return [definition]
  }

  @Test("The sorry server takes over below the quorum, with hysteresis both ways")
  func hysteresis() {
    var bench = Bench(services(quorum: 3, hysteresis: 1, weights: [1, 1, 1, 1]))
    bench.start()
    #expect(bench.told.first == "Gained quorum 3+1=4 <= 4 for VS \(service)")
    _ = bench.check(0, failed)
    _ = bench.check(1, failed)
    #expect(bench.pool() == ["2*1", "3*1"])
    let loss = bench.check(2, failed)
    #expect(
      loss.suffix(4) == [
        "Lost quorum 3-1=2 > 1 for VS \(service)", "Adding sorry server \(sorry) to VS \(service)",
        "Removing alive servers from the pool for VS \(service)", "<VS \(service) DOWN>",
      ])
    #expect(bench.pool() == ["sorry*1"])
    for checker in 0..<2 { _ = bench.check(checker, passed) }
    // Alive, but not in the pool yet.
    #expect(bench.pool() == ["sorry*1"])
    let gain = bench.check(2, passed)
    #expect(
      gain.suffix(4) == [
        "Gained quorum 3+1=4 <= 4 for VS \(service)",
        "Removing sorry server \(sorry) from VS \(service)",
        "Adding alive servers to the pool for VS \(service)", "<VS \(service) UP>",
      ])
    #expect(bench.pool() == ["0*1", "1*1", "2*1", "3*1"])
  }

  @Test("Without a sorry server what is alive goes on serving")
  func withoutSorryServer() {
    var bench = Bench(services(quorum: 2, hasSorry: false, weights: [1, 1]))
    bench.start()
    #expect(bench.check(0, failed).contains("Lost quorum 2-0=2 > 1 for VS \(service)"))
    #expect(bench.pool() == ["1*1"])
  }

  @Test("A start below the quorum uses the sorry server at once")
  func startBelow() {
    var bench = Bench(services(quorum: 1, weights: [1], isAlpha: true))
    bench.start()
    #expect(
      bench.told.prefix(4) == [
        "Starting with quorum down 1-0=1 > 0 for VS \(service)",
        "Adding sorry server \(sorry) to VS \(service)",
        "Removing alive servers from the pool for VS \(service)", "<VS \(service) DOWN>",
      ])
    #expect(bench.pool() == ["sorry*1"])
    var silent = Bench(services(quorum: 1, hasSorry: false, weights: [1], isAlpha: true))
    silent.start()
    #expect(silent.told.count == 1)
  }

  @Test("The line of a start below the quorum has the sign of losing it and the sum of gaining it")
  func startBelowWithHysteresis() {
    var definition = services(quorum: 2, weights: [3], isAlpha: true)
    definition[0].hysteresis = 1
    var bench = Bench(definition)
    bench.start()
    #expect(bench.told.first == "Starting with quorum down 2-1=3 > 0 for VS \(service)")
    #expect(bench.check(0, passed).contains("Gained quorum 2+1=3 <= 3 for VS \(service)"))
    #expect(bench.check(0, failed).contains("Lost quorum 2-1=1 > 0 for VS \(service)"))
  }

  @Test("Servers of weight 0 alone make no quorum")
  func noWeight() {
    var bench = Bench(services(quorum: 0, weights: [0]))
    bench.start()
    #expect(bench.pool() == ["sorry*1"])
    #expect(!bench.core.virtualServers[0].hasQuorum)
  }

  @Test("A sorry server that inhibits is always there, without weight while it is not used")
  func inhibitedSorryServer() {
    var definition = services(quorum: 1, weights: [5])
    definition[0].sorryServer?.inhibitsOnFailure = true
    definition[0].realServers[0].inhibitsOnFailure = true
    var bench = Bench(definition)
    bench.start()
    #expect(bench.pool() == ["0*5", "sorry*0"])
    #expect(
      bench.check(0, failed).contains("Enabling sorry server \(sorry) of VS \(service)"))
    #expect(bench.pool() == ["0*0", "sorry*1"])
  }

  @Test("A sorry server that is a real server stands in the pool once")
  func realSorryServer() {
    var definition = services(quorum: 2, weights: [1, 1])
    definition[0].sorryServer = SorryServer(address: .test(1), port: 80)
    definition[0].sorryServer?.isRealServer = true
    definition[0].sorryServer?.inhibitsOnFailure = true
    for place in 0..<2 { definition[0].realServers[place].inhibitsOnFailure = true }
    var bench = Bench(definition)
    bench.start()
    #expect(bench.pool() == ["0*1", "1*1"])
    _ = bench.check(0, failed)
    #expect(bench.pool() == ["1*0", "sorry*1"])
  }
}
