package import Configuration
import Host
package import Logging
package import Notification
import SystemIO

/// The notification FIFO of all processes and that of one kind of process.
package final class NotifyFIFOs {
  /// Whose FIFO it is, in messages.
  package enum Kind: String, Sendable { case vrrp, lvs }

  private let kind: Kind
  private let log: Log
  private let scripts: ScriptRunner
  private var global: NotificationFIFO?
  private var own: NotificationFIFO?

  package init(_ kind: Kind, log: Log, scripts: ScriptRunner) {
    self.kind = kind
    self.log = log
    self.scripts = scripts
  }

  /// Makes the FIFOs of a new configuration. One process alone runs the reader of the global one.
  package func open(_ settings: ScriptSettings, runsGlobalReader: Bool) {
    global = open(settings.notifyFIFO, kind: "", runsReader: runsGlobalReader)
    let ownSettings = kind == .vrrp ? settings.vrrpNotifyFIFO : settings.lvsNotifyFIFO
    if let path = ownSettings.path, path == settings.notifyFIFO.path {
      log.info(
        "notify FIFO \(path) has been specified for global and \(kind.rawValue) FIFO"
          + " - ignoring \(kind.rawValue) FIFO")
    } else {
      own = open(ownSettings, kind: kind.rawValue, runsReader: true)
    }
  }

  package func close() {
    global?.remove()
    own?.remove()
    global = nil
    own = nil
  }

  package func write(_ line: String) {
    global?.write(line)
    own?.write(line)
  }

  private func open(
    _ settings: NotifyFIFO, kind: String, runsReader: Bool
  ) -> NotificationFIFO? {
    guard let path = settings.path else { return nil }
    let owner = settings.account.map(Program.Account.init) ?? .own
    return NotificationFIFO(path: path, owner: owner, kind: kind, log: log) {
      guard runsReader, let script = settings.script else { return }
      scripts.start(Program(script, appending: [path]), isServing: true) { [log, self] _ in
        log.info("\(self.kind.rawValue) notify fifo script terminated")
      }
    }
  }
}
