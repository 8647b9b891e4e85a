import Configuration
import EventLoop
import Kernel
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing

@testable import ProcessFrame

/// A child that notes what its frame asks of it.
private final class Recorder: Child {
  var calls: [String] = []
  let interfaces: [NetworkInterface]

  init(_ interfaces: [NetworkInterface] = []) { self.interfaces = interfaces }

  func start() throws(StartFailure) { calls.append("start") }
  func reload(from old: Configuration) {
    calls.append("reload from \(old.vrrp.instances.map(\.name))")
  }
  func stop() { calls.append("stop") }
  func cleanUp() { calls.append("cleanUp") }
  func dump(_ request: DumpRequest) { calls.append("dump \(request)") }
  func wokeLate(by lateness: Microseconds) {}
}

@Suite("The frame of a child")
struct ChildFrameTests {
  static func text(_ name: String, interface: String = "eth0") -> String {
    "vrrp_instance \(name) {\ninterface \(interface)\nvirtual_router_id 5\n}\n"
  }

  @Test("A child is ready when it has started, and tells so once")
  func ready() throws {
    let bench = try TestChild(.bfd, "")
    let child = Recorder()
    try bench.start(child)
    #expect(try bench.turn { !bench.messages.isEmpty })
    #expect(bench.messages == [.ready])
    #expect(child.calls == ["start"])
  }

  @Test("At a reload it reads the snapshot, and says that the new text is in force")
  func reloaded() throws {
    let links = NetworkInterface.ethernet("eth0", 2)
    let bench = try TestChild(.vrrp, Self.text("A"), interfaces: links)
    let child = Recorder(links)
    try bench.start(child)
    try bench.reload(Self.text("B"))
    #expect(try bench.turn { bench.messages.count == 2 })
    #expect(bench.messages == [.ready, .reloaded])
    #expect(child.calls == ["start", "reload from [\"A\"]"])
    #expect(bench.frame.context.configuration.vrrp.instances.map(\.name) == ["B"])
  }

  @Test("A text that it cannot run is refused, with the reason, and the one before stays")
  func refused() throws {
    let links = NetworkInterface.ethernet("eth0", 2)
    let bench = try TestChild(.vrrp, Self.text("A"), interfaces: links)
    let child = Recorder()
    try bench.start(child)
    try bench.reload(Self.text("B", interface: "none0"))
    #expect(try bench.turn { bench.messages.count == 2 })
    #expect(bench.messages == [.ready, .refused(reason: "missingInterface")])
    #expect(child.calls == ["start"])
    #expect(bench.frame.context.configuration.vrrp.instances.map(\.name) == ["A"])
    #expect(bench.logged.contains { $0.hasPrefix("New configuration refused: ") })
  }

  @Test("A snapshot that was tampered with is refused")
  func tampered() throws {
    let bench = try TestChild(.bfd, "")
    try bench.start(Recorder())
    bench.frame.reload()
    #expect(try bench.turn { bench.messages.count == 2 })
    #expect(
      bench.messages.last
        == .refused(reason: "the snapshot of the configuration cannot be read"))
  }
}
