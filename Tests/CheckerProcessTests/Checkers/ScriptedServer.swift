import CLinux
import EventLoop
import Primitives
import SystemIO

/// A server on the loopback interface that behaves as a test wants it to, in the loop of the test.
final class ScriptedServer: ReadinessHandler {
  /// A client that has connected, or whoever sends datagrams.
  final class Peer: ReadinessHandler {
    let descriptor: FileDescriptor
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private(set) var received: [UInt8] = []
    /// Called when something has come in.
    var heard: (Peer) -> Void = { _ in }

    fileprivate init(_ descriptor: consuming FileDescriptor, _ loop: EventLoop) {
      self.descriptor = descriptor
      self.loop = loop
      watch = try? loop.watch(self.descriptor.rawValue, self)
    }

    /// The client has closed, or was broken off.
    var isOver: Bool { watch == nil }
    var text: String { String(decoding: received, as: UTF8.self) }

    func ready(_ readiness: Readiness, token: Int) {
      guard let bytes = try? descriptor.read(atMost: 65536), !bytes.isEmpty else { return end() }
      received += bytes
      heard(self)
    }

    private func end() {
      if let watch { loop.unwatch(watch) }
      watch = nil
    }

    func send(_ bytes: [UInt8]) { _ = try? descriptor.send(bytes) }
    func send(_ text: String) { send(Array(text.utf8)) }

    /// Says that nothing more comes.
    func close() { _ = shutdown(descriptor.rawValue, Int32(SHUT_WR)) }

    /// Breaks the connection off.
    func reset() {
      try? descriptor.setOption(SOL_SOCKET, SO_LINGER, copying: linger(l_onoff: 1, l_linger: 0))
      end()
      // Nobody holds the descriptor's number: what replaces it is a socket that nobody uses.
      let other = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      dup2(other, descriptor.rawValue)
      _ = CLinux.close(other)
    }

    /// Sends a piece at once and the others one after the other.
    func send(
      _ pieces: [[UInt8]], every pause: Microseconds = .milliseconds(2),
      then: @escaping () -> Void = {}
    ) {
      guard let first = pieces.first else { return then() }
      send(first)
      loop.after(pause) { [weak self] in
        self?.send(Array(pieces.dropFirst()), every: pause, then: then)
      }
    }

    /// Sends the same again and again.
    func send(_ bytes: [UInt8], forEver pause: Microseconds) {
      send(bytes)
      loop.after(pause) { [weak self] in
        if let self, watch != nil { send(bytes, forEver: pause) }
      }
    }
  }

  private let loop: EventLoop
  private let listener: FileDescriptor
  private let met: (Peer) -> Void
  private(set) var peers: [Peer] = []
  let port: UInt16

  /// `met` is called with each client that connects.
  init(on loop: EventLoop, met: @escaping (Peer) -> Void) throws {
    self.loop = loop
    self.met = met
    listener = try Self.bound(SOCK_STREAM)
    port = Self.port(of: listener)
    let raw = listener.rawValue
    try systemCall { listen(raw, 16) }
    _ = try loop.watch(raw, self)
  }

  func ready(_ readiness: Readiness, token: Int) {
    let number = clinux_accept(listener.rawValue)
    if number < 0 { return }
    let peer = Peer(FileDescriptor(owning: number), loop)
    peers.append(peer)
    met(peer)
  }

  static let address = IPAddress.ipv4(IPv4Address(bits: 0x7f00_0001))

  static func bound(_ kind: __socket_type) throws(Errno) -> FileDescriptor {
    let type = Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = FileDescriptor(owning: try systemCall { socket(AF_INET, type, 0) })
    try descriptor.bind(to: address)
    return descriptor
  }

  static func port(of descriptor: borrowing FileDescriptor) -> UInt16 {
    var storage = sockaddr_storage()
    _ = unsafe clinux_local_address(descriptor.rawValue, &storage)
    return IPAddress.port(storage)
  }

  /// A port that nobody listens on.
  static func closedPort() throws -> UInt16 { port(of: try bound(SOCK_STREAM)) }
}

/// A port whose queue of connections is full: nothing answers there.
final class SilentPort {
  private let listener: FileDescriptor
  private var waiting: [Int32] = []
  let port: UInt16

  init() throws {
    listener = try ScriptedServer.bound(SOCK_STREAM)
    port = ScriptedServer.port(of: listener)
    let raw = listener.rawValue
    try systemCall { listen(raw, 0) }
    let (address, length) = ScriptedServer.address.socketAddress(port: port)
    for _ in 0..<3 {
      let number = socket(
        AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      waiting.append(number)
      _ = unsafe withUnsafePointer(to: address) { unsafe clinux_connect(number, $0, length) }
    }
    usleep(20_000)
  }

  deinit { for number in waiting { _ = close(number) } }
}
