import Primitives
import Testing

@testable import VRRP

@Suite("What is read of routers")
struct ViewTests {
  @Test("A view has the state that the core is in, with its reason and counters")
  func view() throws {
    var bench = Bench([Sample.router(.two)])
    #expect(bench.routers.routerViews.map(\.state) == [.backup])
    bench.run(until: bench.now + .seconds(10))
    let view = try #require(bench.routers.routerViews.first)
    #expect(view.state == .master && view.holdsAddresses)
    #expect(view.masterReason == .masterNoResponse)
    #expect(view.statistics == bench.router.statistics)
    #expect(view.effectivePriority == bench.router.effectivePriority)
    #expect(bench.routers.groupViews.isEmpty)
  }
}
