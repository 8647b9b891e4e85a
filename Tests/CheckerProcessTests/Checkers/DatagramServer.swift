import CLinux
import EventLoop
import Primitives
import SystemIO

/// A server for datagrams on the loopback interface, in the loop of the test.
final class DatagramServer: ReadinessHandler {
  private let socket: FileDescriptor
  private let batch = DatagramBatch(count: 4, capacity: 4096)
  private let answers: ([UInt8]) -> [[UInt8]]
  private(set) var received: [[UInt8]] = []
  let port: UInt16

  /// `answers` are sent back for each datagram, one after the other.
  init(on loop: EventLoop, answers: @escaping ([UInt8]) -> [[UInt8]]) throws {
    self.answers = answers
    socket = try ScriptedServer.bound(SOCK_DGRAM)
    port = ScriptedServer.port(of: socket)
    _ = try loop.watch(socket.rawValue, self)
  }

  func ready(_ readiness: Readiness, token: Int) {
    guard let count = try? batch.receive(from: socket) else { return }
    for index in 0..<count {
      var request: [UInt8] = []
      var source: (address: IPAddress, port: UInt16)?
      batch.withDatagram(index) { bytes, envelope in
        request = bytes.indices.map { bytes[$0] }
        source = envelope.source.map { ($0, envelope.sourcePort) }
      }
      received.append(request)
      guard let source else { continue }
      for answer in answers(request) {
        try? socket.send(answer.span, to: source.address, port: source.port)
      }
    }
  }
}
