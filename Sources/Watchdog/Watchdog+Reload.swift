import Configuration
import ConfigurationSyntax
import Host
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// New configuration into running children.
///
/// The files are read and validated here first. A text that a child could not run is refused as a
/// whole: everything goes on as it was.
extension Watchdog {
  package func reload() {
    // While the startup script runs, the children are yet to be started.
    if !awaited.isEmpty || phase == .starting {
      log.detail("Reload already in progress, request queued")
      isReloadQueued = true
      return
    }
    reloadNow()
  }

  private func reloadNow() {
    log.info("Reloading ...")
    frame.beginLongWork()
    let marker = reloadMarker
    marker.map { _ = try? FileDescriptor.createMarker($0) }
    defer { marker.map(FileSystem.remove) }
    adoptFiles()
    watchReloadTime()
  }

  /// The marker file that tells other programs that files are being read.
  private var reloadMarker: String? {
    switch outcome.configuration.global.reading.reloadFile {
    case .none: nil
    case .standard: RunFiles.reloadFile(outcome.configuration.global)
    case .path(let path): path
    }
  }

  private func adoptFiles() {
    let read = ConfigurationReader(line, strictness: strictness).readAgain(log: log)
    let new = read.outcome
    ConfigurationReader(line).report(new, to: log)
    if let obstacle = obstacle(to: new) {
      log.error("New configuration refused: \(obstacle) - keeping the running configuration")
      return
    }
    do throws(Errno) { try snapshot.replaceContents(with: read.snapshot.encoded()) } catch {
      log.error("Cannot pass the new configuration on (\(error)) - keeping the running one")
      return
    }
    outcome = new
    let global = new.configuration.global
    Processes.setName(global.processNames.parent ?? "keepalived")
    if line.umask == nil, let mask = global.umask { FileSystem.setMask(UInt32(mask)) }
    phase = .reloading
    systemd.tell(.reloading)
    for kind in ChildKind.allCases {
      if children[kind] != nil {
        awaited.insert(kind)
        forward(Signal.hangUp, to: kind)
      } else if isWanted(kind) {
        awaited.insert(kind)
        start(kind)
      }
    }
    if awaited.isEmpty { settled() }
  }

  /// `reload_check_config` in the running configuration means: as strict as `-t`.
  private var strictness: ReadingContext.Strictness {
    outcome.configuration.global.reading.reloadCheckConfig == nil ? .run : .test
  }

  /// Why the new configuration cannot take the place of the running one.
  private func obstacle(to new: ReadingOutcome) -> String? {
    if let refusal = new.refusals.first { return "\(refusal.reason)" }
    if strictness == .test && new.testExitStatus != 0 {
      let path = outcome.configuration.global.reading.reloadCheckConfig ?? "/dev/null"
      writeFindings(new, to: path)
      return "New config failed validation, see \(path) for details"
    }
    let changes = unsupportedChanges(to: new.configuration.global)
    for change in changes {
      log.info("Cannot change \(change) at a reload - please restart keepalived")
    }
    return changes.isEmpty ? nil : "it changes what only a restart can change"
  }

  private func unsupportedChanges(to new: GlobalDefinitions) -> [String] {
    let old = outcome.configuration.global
    let comparisons: [(String, Bool)] = [
      ("network namespace", old.netNamespace != new.netNamespace),
      ("IPVS network namespace", old.netNamespaceIPVS != new.netNamespaceIPVS),
      ("instance name", old.instance != new.instance),
      ("nftables table name", old.nftables?.table != new.nftables?.table),
      ("IPVS nftables table name", old.nftablesIPVS?.table != new.nftablesIPVS?.table),
      ("config_directory", old.reading.tmpConfigDirectory != new.reading.tmpConfigDirectory),
      ("disable_local_igmp", old.vrrp.disableLocalIGMP != new.vrrp.disableLocalIGMP),
    ]
    return comparisons.filter(\.1).map(\.0)
  }

  private func writeFindings(_ new: ReadingOutcome, to path: String) {
    let text = new.diagnostics.map { $0.rendered() + "\n" }.joined()
    guard path != "/dev/null", let file = try? FileDescriptor.openLog(path) else { return }
    _ = try? file.write(Array(text.utf8))
  }
}
