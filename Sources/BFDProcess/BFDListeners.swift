import BFD
import EventLoop
import Logging
import Primitives
import SystemIO

/// The sockets that control packets come in by: one for single hop, one for multihop, each only
/// while a session needs it.
final class BFDListeners: ReadinessHandler {
  private struct Listener {
    let socket: BFDProcess.FileDescriptorBox
    let watch: EventLoop.Watch
  }

  private let loop: EventLoop
  private let log: Log
  /// By whether it is for multihop.
  private var listeners: [Bool: Listener] = [:]
  private var retry: Alarm?
  // Longer packets are cut, and discarded for it.
  private let batch = DatagramBatch(count: 32, capacity: BFDSessions.longestPacket)
  /// A flood must not keep the timers waiting.
  private static let batchesAtOnce = 64
  private static let retryInterval = Microseconds.seconds(10)

  /// Called with each packet, and whether it came to the multihop port.
  var received: ((Span<UInt8>, DatagramBatch.Envelope, Bool) -> Void)?

  init(loop: EventLoop, log: Log) {
    self.loop = loop
    self.log = log
  }

  /// Opens what the sessions need and closes what they do not. A port that another program has is
  /// tried again: the rest of the daemon has its work to do.
  func update(for sessions: [SessionConfiguration]) {
    retry?.cancel()
    retry = nil
    for isMultihop in [false, true] {
      let isNeeded = sessions.contains { $0.isMultihop == isMultihop }
      if !isNeeded {
        close(isMultihop)
      } else if listeners[isMultihop] == nil {
        open(isMultihop)
      }
      if isNeeded && listeners[isMultihop] == nil && retry == nil {
        retry = loop.after(Self.retryInterval) { [unowned self] in update(for: sessions) }
      }
    }
  }

  private func open(_ isMultihop: Bool) {
    let port = isMultihop ? SessionConfiguration.multihopPort : SessionConfiguration.singleHopPort
    do throws(Errno) {
      let socket = BFDProcess.FileDescriptorBox(try BFDSocket.listener(port: port))
      let watch = try loop.watch(
        socket.descriptor.rawValue, self, token: isMultihop ? 1 : 0)
      listeners[isMultihop] = Listener(socket: socket, watch: watch)
    } catch {
      let kind = isMultihop ? "multihop listening" : "listening"
      log.error("Unable to open \(kind) socket, port \(port) - \(error); trying again")
    }
  }

  private func close(_ isMultihop: Bool) {
    guard let listener = listeners.removeValue(forKey: isMultihop) else { return }
    loop.unwatch(listener.watch)
  }

  /// The numbers of the open sockets, for people.
  var descriptors: (singleHop: Int32?, multihop: Int32?) {
    (listeners[false]?.socket.descriptor.rawValue, listeners[true]?.socket.descriptor.rawValue)
  }

  func closeAll() {
    retry?.cancel()
    close(false)
    close(true)
  }

  func ready(_ readiness: Readiness, token: Int) {
    let isMultihop = token == 1
    for _ in 0..<Self.batchesAtOnce {
      guard let listener = listeners[isMultihop] else { return }
      let count: Int
      do throws(Errno) { count = try batch.receive(from: listener.socket.descriptor) } catch {
        log.info("recvmsg() error (\(error))")
        return
      }
      for index in 0..<count {
        batch.withDatagram(index) { packet, envelope in received?(packet, envelope, isMultihop) }
      }
      if count < batch.count { return }
    }
  }
}
