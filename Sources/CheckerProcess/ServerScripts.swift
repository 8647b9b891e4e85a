import Configuration
import Host
import Notification
import SystemIO

/// Runs `notify_up`, `notify_down`, `quorum_up` and `quorum_down`.
final class ServerScripts: AnnouncementListener {
  private let runner: ScriptRunner

  init(_ runner: ScriptRunner) { self.runner = runner }

  func hear(_ announcement: Announcement<ServerSubject>) {
    let script =
      switch (announcement.subject, announcement.state) {
      case (.realServer(let server, _, _), .up): server.notifyUp
      case (.realServer(let server, _, _), .down): server.notifyDown
      case (.virtualServer(let service, _), .up): service.quorumUp
      case (.virtualServer(let service, _), .down): service.quorumDown
      }
    guard let script else { return }
    // Scripts that are told of the stop must end with the process; others run on.
    runner.start(Program(script), isServing: announcement.reason == .stop)
  }
}
