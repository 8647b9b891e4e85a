package import Configuration
import ConfigurationSyntax
import Host
package import Logging
import Primitives
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
  private let acknowledgements: EventCounter
  private let pidFile: PidFile
  package let sessions: SessionChannels

  package init(
    log: Log, options: Options, outcome: ReadingOutcome, limits: OriginalLimits,
    reading: ReadingOptions, snapshot: SharedMemoryFile, acknowledgements: EventCounter,
    pidFile: PidFile, sessions: SessionChannels
  ) {
    self.log = log
    self.options = options
    self.outcome = outcome
    self.limits = limits
    self.reading = reading
    self.snapshot = snapshot
    self.acknowledgements = acknowledgements
    self.pidFile = pidFile
    self.sessions = sessions
  }

  package var configuration: Configuration { outcome.configuration }

  /// Whether there is a checker process beside this one.
  package var hasChecker: Bool {
    options.allowsChecker && configuration.presence.checker
  }

  /// Tells the parent that the configuration is in force.
  package func acknowledge() { acknowledgements.add() }

  /// Builds the tree from the snapshot that the parent made of the files, never from the disk: all
  /// children run the same text. The parent has checked it; nil is a fault of this program or
  /// shared memory that was tampered with, and leaves everything as it is.
  package func readSnapshot(for host: any ConfigurationHost) -> ReadingOutcome? {
    guard let bytes = try? snapshot.contents(),
      let recorded = ConfigurationSnapshot(decoding: bytes)
    else {
      log.error("The snapshot of the configuration cannot be read - keeping the running one")
      return nil
    }
    // Look-ups may wait for servers: the parent has done them.
    let host = RememberingHost(host, answers: recorded.lookups)
    return Configuration.read(
      files: ReplayedFiles(recorded.files), host: host, options: reading)
  }

  package func adopt(_ outcome: ReadingOutcome) { self.outcome = outcome }

  package func writePidFile() throws(PidFile.Failure) { try pidFile.write() }
  package func removePidFile() { pidFile.remove() }
}

/// What a child's exit status tells the parent.
package enum ChildExit: Int32, Sendable {
  case normal = 0
  case fatal = 1
  case configuration = 2
  case permission = 4
  case eventLoop = 70
}

/// Scheduling, memory and limits of a child, as the configuration asks.
package enum ChildScheduling {
  package static func apply(_ settings: ProcessScheduling, name: String, log: Log) {
    do throws(Errno) {
      if settings.rtPriority > 0 {
        if let limit = settings.rlimitRttime {
          try Resources.setRealTimeLimit(microseconds: UInt64(max(limit.count, 0)))
        }
        try Resources.setRealTimePriority(Int32(settings.rtPriority))
      } else if settings.priority != 0 {
        try Resources.setNice(Int32(settings.priority))
      }
      if !settings.cpuAffinity.isEmpty { try Resources.setAffinity(settings.cpuAffinity) }
      if settings.noSwap { try Resources.lockMemory() }
    } catch { log.warning("Unable to set scheduling of the \(name) process - \(error)") }
  }
}
