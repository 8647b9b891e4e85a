import Configuration
import HealthChecking
import Primitives
import Testing

@Suite("What is read of servers")
struct ViewTests {
  @Test("A view says what is alive, what it weighs and what its checks found")
  func view() throws {
    var definition = VirtualServer.test([
      .test(1, weight: 3, [.tcp(retry: 0)]), .test(2, weight: 5, [.tcp(retry: 0)]),
    ])
    definition.quorum = 4
    var bench = Bench([definition])
    bench.start()
    _ = bench.check(0, passed)
    _ = bench.check(1, failed)
    let view = try #require(bench.core.views.first)
    #expect(view.name == "[192.0.2.100]:tcp:80")
    #expect(!view.hasQuorum)
    #expect(view.realServers.map(\.isAlive) == [true, false])
    #expect(view.realServers.map(\.weight) == [3, 5])
    #expect(view.realServers.flatMap(\.checkers).map(\.isUp) == [true, false])
    #expect(view.realServers.flatMap(\.checkers).map(\.hasRun) == [true, true])
    #expect(view.pool.map(\.server) == [.real(0)])
  }
}
