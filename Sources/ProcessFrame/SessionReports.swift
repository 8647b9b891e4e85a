package import EventLoop
package import Logging
import Primitives
package import SystemIO

/// Listens to what the BFD process says of its sessions.
package final class SessionReports: ReadinessHandler {
  private let pipe: Pipe
  private let requests: EventCounter
  private let log: Log
  private let received: (SessionRecord) -> Void

  /// `pipe` is that of this process among `SessionChannels`.
  package init(
    _ pipe: Pipe, requests: EventCounter, log: Log, received: @escaping (SessionRecord) -> Void
  ) {
    self.pipe = pipe
    self.requests = requests
    self.log = log
    self.received = received
  }

  /// Asks for the state of all sessions, and hears of each change.
  package func listen(on loop: EventLoop) throws(Errno) {
    _ = try loop.watch(pipe.reading.rawValue, self)
    requests.add()
  }

  package func ready(_ readiness: Readiness, token: Int) {
    while let bytes = try? pipe.reading.read(atMost: SessionRecord.length * 64), !bytes.isEmpty {
      var rest = bytes[...]
      while !rest.isEmpty {
        guard let record = SessionRecord(decoding: rest.prefix(SessionRecord.length)) else {
          log.info("(BFD) event pipe short read \(rest.count) of \(SessionRecord.length) bytes")
          return
        }
        rest = rest.dropFirst(SessionRecord.length)
        take(record)
      }
    }
  }

  private func take(_ record: SessionRecord) {
    let state = record.isUp ? "Up" : "Down"
    let delay = (Clock.now - record.sentAt).count
    log.detail(
      "Received BFD event: instance \(record.name) is in state \(state)"
        + " (delivered in \(delay) usec)"
    )
    received(record)
  }
}
