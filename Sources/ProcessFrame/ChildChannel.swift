package import EventLoop
package import SystemIO

/// The channel between the parent and one child: short messages, neither end ever waits for the
/// other. The parent makes it for each child that it starts; it ends with the child.
package final class ChildChannel {
  private let parentEnd: MessageSocket
  private let childEnd: MessageSocket

  package init() throws(Errno) { (parentEnd, childEnd) = try MessageSocket.pair() }

  /// In the child, whose copy of the parent's end is closed with this channel.
  package var toParent: ParentLine { ParentLine(childEnd) }

  /// In the parent. `received` is told what the child says.
  package func listen(
    on loop: EventLoop, received: @escaping (ChildMessage) -> Void
  ) throws(Errno) -> ChildLine {
    try ChildLine(parentEnd, loop, received)
  }
}

/// The child's end.
package final class ParentLine {
  private let socket: MessageSocket

  fileprivate init(_ socket: MessageSocket) { self.socket = socket }

  /// The parent reads within a turn of its loop, and a child has little to say: there is room. A
  /// parent that is gone needs to know nothing.
  package func tell(_ message: ChildMessage) { try? socket.send(message.encoded) }
}

/// The parent's end.
package final class ChildLine: ReadinessHandler {
  /// A child must not keep its parent busy.
  private static let messagesAtOnce = 16

  private let socket: MessageSocket
  private let loop: EventLoop
  private let received: (ChildMessage) -> Void
  private var watch: EventLoop.Watch?

  fileprivate init(
    _ socket: MessageSocket, _ loop: EventLoop, _ received: @escaping (ChildMessage) -> Void
  ) throws(Errno) {
    self.socket = socket
    self.loop = loop
    self.received = received
    watch = try loop.watch(socket.descriptor, self)
  }

  package func ready(_ readiness: Readiness, token: Int) {
    for _ in 0..<Self.messagesAtOnce {
      let bytes: [UInt8]
      do throws(Errno) { bytes = try socket.receive(atMost: ChildMessage.longest) } catch {
        if error != .again { close() }
        return
      }
      if bytes.isEmpty { return close() }
      // A message of a kind that is not known is none of ours.
      if let message = ChildMessage(decoding: bytes) { received(message) }
    }
  }

  /// Nothing is heard of the child any more.
  package func close() {
    if let watch { loop.unwatch(watch) }
    watch = nil
  }
}
