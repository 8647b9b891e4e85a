import ProcessFrame
import EventLoop
import Logging
import SystemIO
import VRRP

/// The BFD sessions that routers track, as the BFD process reports them.
final class TrackedSessions {
  private let channels: SessionChannels
  private let log: Log
  private let changed: (Int, TrackerStatus) -> Void
  /// The sessions of the configuration; others are of no interest.
  private var names: [String] = []
  /// By name, so that a reload keeps what is known.
  private var isUp: [String: Bool] = [:]
  private lazy var reports = SessionReports(
    channels.vrrp, requests: channels.requests, log: log,
    received: { [unowned self] in take($0) })

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

  func listen(on loop: EventLoop) throws(Errno) { try reports.listen(on: loop) }

  /// A session nobody has heard of yet is down.
  func status(_ number: Int) -> TrackerStatus {
    names.indices.contains(number) && isUp[names[number]] == true ? .up : .down
  }

  private func take(_ record: SessionRecord) {
    guard let number = names.firstIndex(of: record.name),
      isUp[record.name, default: false] != record.isUp
    else { return }
    isUp[record.name] = record.isUp
    changed(number, record.isUp ? .up : .down)
  }
}
