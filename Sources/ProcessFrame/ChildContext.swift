package import Configuration
import ConfigurationSyntax
import Host
package import Logging
package import SystemIO

/// What a child process gets from its parent: the configuration that was read, and how to speak
/// with the parent.
package final class ChildContext {
  /// What the command line asks of children.
  package struct Options: Sendable {
    /// `-d`: write the data dump to the log.
    package var dumpsConfiguration = false
    /// `-X`.
    package var alwaysReleasesAddresses = false
    /// `-V`.
    package var keepsAddressesAtStop = false
    /// `-I`.
    package var keepsServicesAtStop = false
    /// `--ignore-sigint`.
    package var ignoresInterrupt = false
    /// Whether a checker process may be started.
    package var allowsChecker = false

    package init() {}
  }

  package let log: Log
  package let options: Options
  /// The tree as it is now; a reload replaces it.
  package private(set) var outcome: ReadingOutcome
  package let limits: OriginalLimits
  private let reading: ReadingOptions
  private let snapshot: SharedMemoryFile
  let parent: ParentLine
  let pidFile: PidFile
  package let sessions: SessionChannels

  package init(
    log: Log, options: Options, outcome: ReadingOutcome, limits: OriginalLimits,
    reading: ReadingOptions, snapshot: SharedMemoryFile, parent: ParentLine,
    pidFile: PidFile, sessions: SessionChannels
  ) {
    self.log = log
    self.options = options
    self.outcome = outcome
    self.limits = limits
    self.reading = reading
    self.snapshot = snapshot
    self.parent = parent
    self.pidFile = pidFile
    self.sessions = sessions
  }

  package var configuration: Configuration { outcome.configuration }

  /// Whether there is a checker process beside this one.
  package var hasChecker: Bool {
    options.allowsChecker && configuration.presence.checker
  }

  /// Builds the tree from the snapshot that the parent made of the files, never from the disk: all
  /// children run the same text. The parent has checked it; nil is a fault of this program or
  /// shared memory that was tampered with.
  func readSnapshot(for host: any ConfigurationHost) -> ReadingOutcome? {
    guard let bytes = try? snapshot.contents(),
      let recorded = ConfigurationSnapshot(decoding: bytes)
    else { return nil }
    // Look-ups may wait for servers: the parent has done them.
    let host = RememberingHost(host, answers: recorded.lookups)
    return Configuration.read(
      files: ReplayedFiles(recorded.files), host: host, options: reading)
  }

  package func adopt(_ outcome: ReadingOutcome) { self.outcome = outcome }
}

/// What a child's exit status tells the parent.
package enum ChildExit: Int32, Sendable {
  case normal = 0
  case fatal = 1
  case configuration = 2
  case permission = 4
  case eventLoop = 70
}
