import ProcessFrame
import Configuration
import Host
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// Tells scripts and FIFOs what becomes of virtual routers and groups.
final class Notifier {
  private let scripts: ScriptRunner
  let fifos: NotifyFIFOs

  init(log: Log, scripts: ScriptRunner) {
    self.scripts = scripts
    fifos = NotifyFIFOs(.vrrp, log: log, scripts: scripts)
  }

  // MARK: Transitions

  private enum Subject: String {
    case instance = "INSTANCE"
    case group = "GROUP"
  }

  func notify(_ instance: VRRPInstance, _ state: NotifiedState, priority: UInt8) {
    let script =
      state == .deleted ? instance.notifyDeletedScript : instance.notify.script(for: state)
    run(script, isServing: state == .stop)
    report(.instance, instance.name, state, priority, instance.notify)
  }

  /// Removed at a reload without `notify_deleted`. Compatibility: told as FAULT, without the
  /// script for faults.
  func notifyRemoved(_ instance: VRRPInstance, priority: UInt8) {
    report(.instance, instance.name, .fault, priority, instance.notify)
  }

  func notify(_ group: ConfiguredGroup, _ state: NotifiedState) {
    run(group.notify.script(for: state), isServing: state == .stop)
    report(.group, group.name, state, 0, group.notify)
  }

  private func report(
    _ subject: Subject, _ name: String, _ state: NotifiedState, _ priority: UInt8,
    _ notify: NotifyScripts
  ) {
    run(
      notify.any, appending: [subject.rawValue, name, state.word, "\(priority)"],
      isServing: state == .stop)
    writeLine(subject, name, state.word, priority)
  }

  /// FIFO lines without scripts.
  func writeState(_ instance: VRRPInstance, _ state: NotifiedState, priority: UInt8) {
    writeLine(.instance, instance.name, state.word, priority)
  }

  func writeState(_ group: ConfiguredGroup, _ state: NotifiedState) {
    writeLine(.group, group.name, state.word, 0)
  }

  func notifyPriority(_ instance: VRRPInstance, isMaster: Bool, priority: UInt8) {
    writeLine(.instance, instance.name, isMaster ? "MASTER_PRIORITY" : "BACKUP_PRIORITY", priority)
  }

  func notifyLowerPriority(_ instance: VRRPInstance, priority: UInt8) {
    run(instance.notifyMasterRxLowerPri)
    writeLine(.instance, instance.name, "MASTER_RX_LOWER_PRI", priority)
  }

  private func writeLine(_ subject: Subject, _ name: String, _ state: String, _ priority: UInt8) {
    fifos.write("\(subject.rawValue) \"\(name)\" \(state) \(priority)\n")
  }

  /// Scripts that are told of the stop must end with the process; others run on (`ScriptRunner`).
  private func run(
    _ script: Script?, appending arguments: [String] = [], isServing: Bool = false
  ) {
    guard let script else { return }
    scripts.start(Program(script, appending: arguments), isServing: isServing)
  }
}

extension NotifyScripts {
  fileprivate func script(for state: NotifiedState) -> Script? {
    switch state {
    case .master: master
    case .backup: backup
    case .fault: fault
    case .stop: stop
    case .deleted: nil
    }
  }
}
