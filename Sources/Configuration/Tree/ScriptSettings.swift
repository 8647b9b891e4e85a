package import Primitives

/// Who runs scripts, which ones the parent runs, and where notifications are written.
package struct ScriptSettings: Hashable, Sendable {
  package var enableScriptSecurity = false
  package var setSupplementaryGroups = false
  package var useSymlinkPaths = false
  package var startupScript: Script?
  package var startupScriptTimeout = Microseconds.seconds(10)
  package var shutdownScript: Script?
  package var shutdownScriptTimeout = Microseconds.seconds(10)
  package var notifyFIFO = NotifyFIFO()
  package var vrrpNotifyFIFO = NotifyFIFO()
  package var lvsNotifyFIFO = NotifyFIFO()
  package var fifoWriteVRRPStatesOnReload = false
  package var rsInitNotifies = false

  package init() {}
}

/// `notify_fifo` and `notify_fifo_script` of one kind.
package struct NotifyFIFO: Hashable, Sendable {
  package var path: String?
  /// The owner of the FIFO; nil is the program's own account.
  package var account: ScriptAccount?
  package var script: Script?

  package init() {}
}
