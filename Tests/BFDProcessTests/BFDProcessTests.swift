import BFD
import Configuration
import EventLoop
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing

@testable import BFDProcess
@testable import ProcessFrame

/// The process as a whole, with real sockets on loopback.
@Suite("BFD process", .serialized)
struct BFDProcessTests {
  static func text(_ name: String, _ neighbor: String) -> String {
    """
    bfd_instance \(name) {
      neighbor_ip \(neighbor)
      source_ip 127.0.0.1
      min_rx 50
      min_tx 50
    }
    vrrp_instance V {
      state BACKUP
      interface lo
      virtual_router_id 5
      track_bfd {
        \(name)
      }
    }

    """
  }

  /// What has come through the pipe to the VRRP process.
  func records(_ bench: TestChild) -> [SessionRecord] {
    var records: [SessionRecord] = []
    while let bytes = try? bench.sessions.vrrp.reading.read(atMost: SessionRecord.length),
      let record = SessionRecord(decoding: bytes[...])
    {
      records.append(record)
    }
    return records
  }

  @Test("Whoever asks hears where each session stands")
  func requests() throws {
    let bench = try TestChild(.bfd, Self.text("A", "127.0.0.2"))
    try bench.start(BFDProcess(bench.frame))
    bench.sessions.requests.add()
    var heard: [SessionRecord] = []
    #expect(
      try bench.turn {
        heard += records(bench)
        return !heard.isEmpty
      })
    #expect(heard.first?.name == "A" && heard.first?.isUp == false)
    bench.frame.stop()
  }

  @Test("Each session has a socket of its own, which a reload keeps for those that stay")
  func reload() throws {
    let bench = try TestChild(.bfd, Self.text("A", "127.0.0.2"))
    let process = BFDProcess(bench.frame)
    try bench.start(process)
    let before = try #require(process.outputs.first ?? nil)
    try bench.reload(Self.text("A", "127.0.0.2") + Self.text("B", "127.0.0.3"))
    #expect(process.outputs.count == 2)
    #expect(process.outputs.first.flatMap { $0 } === before)
    try bench.reload(Self.text("B", "127.0.0.3"))
    #expect(process.outputs.count == 1)
    #expect(process.core.sessions.map(\.configuration.name) == ["B"])
    #expect(process.oldOutputs.isEmpty)
    #expect(try bench.turn { bench.messages == [.ready, .reloaded, .reloaded] })
    bench.frame.stop()
  }

  @Test("A port that another program has is tried again, and ends nothing")
  func port() throws {
    let taken = try? BFDSocket.listener(port: SessionConfiguration.singleHopPort)
    let bench = try TestChild(.bfd, Self.text("A", "127.0.0.2"))
    let process = BFDProcess(bench.frame)
    try bench.start(process)
    #expect(process.listeners.descriptors.singleHop == nil)
    #expect(bench.logged.contains { $0.hasPrefix("Unable to open listening socket, port 3784") })
    #expect(try bench.turn { bench.messages == [.ready] })
    withExtendedLifetime(taken) {}
    bench.frame.stop()
  }
}
