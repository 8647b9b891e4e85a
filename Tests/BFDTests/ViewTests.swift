import Primitives
import Testing
import Wire

@testable import BFD

@Suite("What is read of sessions")
struct ViewTests {
  @Test("A view has the state that the core is in, and what was told of it")
  func view() throws {
    var bench = Bench()
    #expect(bench.core.views.map(\.state) == [.down])
    bench.bringUp()
    let view = try #require(bench.core.views.first)
    #expect(view.state == .up && view.reported == .up && view.hasOutput)
    #expect(view.localDiscriminator == bench.session.localDiscriminator)
    #expect(view.detectionTime == bench.session.detectionTime)
  }
}
