/// How the configuration itself is read, saved and read again.
package struct ReadingSettings: Hashable, Sendable {
  package var tmpConfigDirectory: String?
  package var configSaveDir: String?
  /// The log file of the check before a reload; nil is no check.
  package var reloadCheckConfig: String?
  package var reloadTimeFile: String?
  package var reloadRepeat = false
  package var reloadFile: ReloadFile = .none
  package var iprouteUsrDir: String?
  package var iprouteEtcDir: String?

  package init() {}

  /// `reload_file [PATH]`.
  package enum ReloadFile: Hashable, Sendable {
    case none
    /// Without PATH: a name made from the pid directory and the instance.
    case standard
    case path(String)
  }
}

/// Names and layouts of what is written on a signal.
package struct DumpSettings: Hashable, Sendable {
  package var dataUseInstance = false
  package var jsonVersion: UInt8 = 1
  package var stateDumpFile: String?
  package var statsDumpFile: String?
  package var jsonDumpFile: String?

  package init() {}
}
