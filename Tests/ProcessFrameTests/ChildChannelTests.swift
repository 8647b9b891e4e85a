import EventLoop
import Primitives
import ProcessFrame
import SystemIO
import Testing

@Suite("What a child tells its parent")
struct ChildChannelTests {
  @Test(
    "Each message comes back as it was",
    arguments: [ChildMessage.ready, .reloaded, .refused(reason: ""), .refused(reason: "äöü")])
  func roundTrip(message: ChildMessage) {
    #expect(ChildMessage(decoding: message.encoded) == message)
  }

  @Test("A message that is none is not taken for one")
  func foreign() {
    #expect(ChildMessage(decoding: []) == nil)
    #expect(ChildMessage(decoding: [0]) == nil)
    #expect(ChildMessage(decoding: [200, 1, 2]) == nil)
    #expect(ChildMessage(decoding: [3, 0xff]) == .refused(reason: "\u{fffd}"))
  }

  @Test("A long reason is cut, and the message stays one")
  func long() {
    let message = ChildMessage.refused(reason: String(repeating: "x", count: 5000))
    #expect(message.encoded.count == ChildMessage.longest)
    let cut = String(repeating: "x", count: ChildMessage.longest - 1)
    #expect(ChildMessage(decoding: message.encoded) == .refused(reason: cut))
  }

  @Test("The parent hears each message, in order")
  func heard() throws {
    let loop = try EventLoop()
    let channel = try ChildChannel()
    var heard: [ChildMessage] = []
    let line = try channel.listen(on: loop) {
      heard.append($0)
      if heard.count == 3 { loop.stop() }
    }
    for message in [ChildMessage.ready, .refused(reason: "no"), .reloaded] {
      channel.toParent.tell(message)
    }
    try loop.run()
    #expect(heard == [.ready, .refused(reason: "no"), .reloaded])
    line.close()
  }

  @Test("A child that says more than its parent reads does not wait")
  func full() throws {
    let channel = try ChildChannel()
    let began = Clock.now
    for _ in 0..<5000 { channel.toParent.tell(.refused(reason: "again and again")) }
    #expect(Clock.now - began < .seconds(5))
  }
}
