import ChildProcess
import EventLoop
import Logging
import Primitives
import SystemIO
import VRRP

/// The BFD sessions that routers track, as the BFD process reports them.
final class TrackedSessions: ReadinessHandler {
  private let channels: SessionChannels
  private let log: Log
  private let changed: (Int, TrackerStatus) -> Void
  /// The sessions of the configuration; others are of no interest.
  private var names: [String] = []
  /// By name, so that a reload keeps what is known.
  private var isUp: [String: Bool] = [:]

  /// `changed` is told the number of the session in the configuration, and its status.
  init(
    _ channels: SessionChannels, log: Log, changed: @escaping (Int, TrackerStatus) -> Void
  ) {
    self.channels = channels
    self.log = log
    self.changed = changed
  }

  func replace(_ names: [String]) {
    self.names = names
    isUp = isUp.filter { names.contains($0.key) }
  }

  func listen(on loop: EventLoop) throws(Errno) {
    _ = try loop.watch(channels.vrrp.reading.rawValue, self)
    channels.requests.add()
  }

  /// A session nobody has heard of yet is down.
  func status(_ number: Int) -> TrackerStatus {
    names.indices.contains(number) && isUp[names[number]] == true ? .up : .down
  }

  func ready(_ readiness: Readiness, token: Int) {
    while let bytes = try? channels.vrrp.reading.read(atMost: SessionRecord.length * 64),
      !bytes.isEmpty
    {
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
    guard let number = names.firstIndex(of: record.name) else { return }
    let state = record.isUp ? "Up" : "Down"
    let delay = (Clock.now - record.sentAt).count
    log.detail(
      "Received BFD event: instance \(record.name) is in state \(state)"
        + " (delivered in \(delay) usec)"
    )
    if isUp[record.name, default: false] == record.isUp { return }
    isUp[record.name] = record.isUp
    changed(number, record.isUp ? .up : .down)
  }
}
