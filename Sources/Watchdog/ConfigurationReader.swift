import Configuration
import ConfigurationSyntax
import Host
import Kernel
import Logging
import SystemIO

/// Reads the files and validates them against this machine.
struct ConfigurationReader {
  /// What was read, and what a child can read again.
  struct Read {
    let outcome: ReadingOutcome
    let snapshot: ConfigurationSnapshot
  }

  private let line: CommandLine
  let options: ReadingOptions

  init(_ line: CommandLine, strictness: ReadingContext.Strictness = .run) {
    self.line = line
    var options = ReadingOptions(
      path: line.configurationFile, configID: line.configID ?? Self.standardID,
      strictness: strictness)
    options.allConfig = line.allConfig
    options.overrides.netNamespace = line.netNamespace
    options.overrides.snmp = line.snmp
    options.overrides.snmpSocket = line.snmpSocket
    options.overrides.umask = line.umask
    if strictness == .test { options.faults = line.faults }
    self.options = options
  }

  /// The node name up to its first dot.
  private static var standardID: String { String(SystemName().node.prefix { $0 != "." }) }

  /// The first reading. A network namespace that the text names is entered before interfaces are
  /// looked up; nil if that fails, which is logged.
  func read(log: Log) -> Read? {
    if let name = line.netNamespace {
      return enter(name, log) ? tellFiles(read(), log) : nil
    }
    let first = tellFiles(read(), log)
    guard let name = first.outcome.configuration.global.netNamespace else { return first }
    return enter(name, log) ? read() : nil
  }

  /// A later reading, in the namespace that the process is in.
  func readAgain(log: Log) -> Read { tellFiles(read(), log) }

  private func read() -> Read {
    let interfaces = (try? NetlinkChannel().interfaces()) ?? []
    let files = RecordingFiles(SystemFiles(workingDirectory: line.workingDirectory))
    let host = RememberingHost(SystemHost(interfaces: interfaces))
    let outcome = Configuration.read(files: files, host: host, options: options)
    return Read(
      outcome: outcome,
      snapshot: ConfigurationSnapshot(files: files.snapshot, lookups: host.answers))
  }

  /// Says which files were read; the configuration file itself comes behind the first one that its
  /// name, which may be a pattern, stands for.
  private func tellFiles(_ read: Read, _ log: Log) -> Read {
    for (number, path) in read.snapshot.files.opened.enumerated() {
      log.detail("Opening file '\(String(decoding: path, as: UTF8.self))'.")
      if number == 0 { log.info("Configuration file \(line.configurationFile)") }
    }
    return read
  }

  private func enter(_ name: String, _ log: Log) -> Bool {
    do throws(Namespaces.Failure) {
      try Namespaces.enterNetwork(name)
      return true
    } catch {
      switch error {
      case .open(let path): log.info("Failed to open \(path)")
      case .enter(let error): log.info("setns() failed with error \(error.rawValue)")
      }
      log.info("Unable to set network namespace \(name) - exiting")
      return false
    }
  }

  /// Each diagnostic in one line of the log.
  func report(_ outcome: ReadingOutcome, to log: Log) {
    for diagnostic in outcome.diagnostics where diagnostic.class != .hint {
      log.info(diagnostic.rendered())
    }
  }
}
