import Configuration
import EventLoop
import Logging
import Primitives
import ProcessFrame
import SystemIO
import VRRP

/// What routers track and the network does not tell of: scripts, files, BFD sessions.
final class Trackers {
  private let scripts: TrackedScripts
  private let files: TrackedFiles
  private let sessions: TrackedSessions

  /// `changed` is told each new status, by the numbers of the configuration.
  init(
    _ frame: ProcessFrame, _ channels: SessionChannels,
    changed: @escaping (TrackerID, TrackerStatus) -> Void
  ) {
    let log = frame.log
    scripts = TrackedScripts(
      loop: frame.loop, log: log, runner: frame.scripts,
      changed: { changed(TrackerID(.script, UInt32($0)), $1) })
    files = TrackedFiles(
      loop: frame.loop, log: log,
      changed: { changed(TrackerID(.file, UInt32($0)), .value($1)) })
    sessions = TrackedSessions(
      channels, log: log, changed: { changed(TrackerID(.bfd, UInt32($0)), $1) })
  }

  /// Takes over what a configuration tracks; what is known of the rest is kept.
  func replace(by configuration: Configuration, isReload: Bool) {
    scripts.replace(configuration.vrrp.scripts, isReload: isReload)
    files.start(configuration.vrrp.trackFiles, isFirstStart: !isReload)
    sessions.replace(configuration.vrrp.bfdInstances.map(\.name))
  }

  /// The first run of each script comes at once.
  func startScripts() { scripts.start(at: Clock.now) }

  func listenToSessions(on loop: EventLoop) throws(Errno) { try sessions.listen(on: loop) }

  /// Ends what is watched, for a process that ends. Scripts that run are the frame's.
  func stop() {
    scripts.stop()
    files.stop()
  }

  /// This process stood still.
  func wokeLate(by lateness: Microseconds) { scripts.wokeLate(by: lateness) }

  /// Of anything but an interface.
  func status(_ tracker: TrackerID) -> TrackerStatus {
    switch tracker.kind {
    case .script: scripts.status(Int(tracker.number))
    case .file: .value(files.value(Int(tracker.number)))
    case .bfd: sessions.status(Int(tracker.number))
    case .process, .interface, .baseInterface: .up
    }
  }
}
