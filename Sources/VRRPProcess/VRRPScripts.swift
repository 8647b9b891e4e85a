import Configuration
import Host
import Notification
import SystemIO
import VRRP

/// Runs the `notify_*` scripts of instances and groups.
final class VRRPScripts: AnnouncementListener {
  private let runner: ScriptRunner

  init(_ runner: ScriptRunner) { self.runner = runner }

  func hear(_ announcement: Announcement<VRRPSubject>) {
    let subject = announcement.subject
    switch announcement.occasion {
    case .transition:
      run(subject.script(for: announcement.state), for: announcement)
      runGeneral(announcement)
    // Compatibility: told as FAULT, without the script for faults.
    case .removal: runGeneral(announcement)
    case .lowerPriority: run(subject.lowerPriorityScript, for: announcement)
    case .confirmation, .priorityChange: break
    }
  }

  /// The script that is told of everything.
  private func runGeneral(_ announcement: Announcement<VRRPSubject>) {
    let subject = announcement.subject
    run(
      subject.notify.any,
      appending: [
        subject.kind, subject.name, announcement.state.word, "\(announcement.priority)",
      ],
      for: announcement)
  }

  /// Scripts that are told of the stop must end with the process; others run on (`ScriptRunner`).
  private func run(
    _ script: Script?, appending arguments: [String] = [],
    for announcement: Announcement<VRRPSubject>
  ) {
    guard let script else { return }
    runner.start(
      Program(script, appending: arguments), isServing: announcement.state == .stop)
  }
}

extension VRRPSubject {
  fileprivate var notify: NotifyScripts {
    switch self {
    case .instance(let instance): instance.notify
    case .group(let group): group.notify
    }
  }

  fileprivate func script(for state: NotifiedState) -> Script? {
    switch state {
    case .master: notify.master
    case .backup: notify.backup
    case .fault: notify.fault
    case .stop: notify.stop
    case .deleted: deletedScript
    }
  }

  private var deletedScript: Script? {
    switch self {
    case .instance(let instance): instance.notifyDeletedScript
    case .group: nil
    }
  }

  fileprivate var lowerPriorityScript: Script? {
    switch self {
    case .instance(let instance): instance.notifyMasterRxLowerPri
    case .group: nil
    }
  }
}
