import CLinux
import EventLoop
import Primitives
import SystemIO

/// Stands between a client and a TLS server, and cuts the connection instead of letting an alert of
/// the server pass, as its goodbye is one.
final class TLSRelay: ReadinessHandler {
  private let loop: EventLoop
  private let server: FileDescriptor
  private let peer: ScriptedServer.Peer
  private var watch: EventLoop.Watch?
  private var pending: [UInt8] = []
  private static let alert: UInt8 = 21

  init(_ peer: ScriptedServer.Peer, to port: UInt16, on loop: EventLoop) throws {
    self.loop = loop
    self.peer = peer
    server = try ClientSocket(.stream, to: ScriptedServer.address, port: port).open()
    watch = try loop.watch(server.rawValue, self)
    var forwarded = 0
    peer.heard = { [unowned self] peer in
      _ = try? server.send(peer.received, from: forwarded)
      forwarded = peer.received.count
    }
  }

  func ready(_ readiness: Readiness, token: Int) {
    pending += (try? server.read(atMost: 65536)) ?? []
    // Records (RFC 5246 6.2.1): type, version, length.
    while pending.count >= 5 {
      let length = 5 + (Int(pending[3]) << 8 | Int(pending[4]))
      if pending.count < length { return }
      if pending[0] == Self.alert { return cut() }
      peer.send(Array(pending[..<length]))
      pending.removeFirst(length)
    }
  }

  private func cut() {
    if let watch { loop.unwatch(watch) }
    watch = nil
    peer.close()
    _ = shutdown(server.rawValue, Int32(SHUT_RDWR))
  }
}
