import ProcessFrame
import Configuration
import ConfigurationSyntax
import Host
import Logging
import Primitives
import SystemIO

/// Everything between the command line and the event loop of the parent.
struct Startup {
  private let line: CommandLine
  private let arguments: [String]
  private let limits: OriginalLimits

  init(_ line: CommandLine, arguments: [String], limits: OriginalLimits) {
    self.line = line.anchored(in: FileSystem.workingDirectory)
    self.arguments = arguments
    self.limits = limits
  }

  func run(_ bodies: [ChildKind: ChildBody]) -> Int32 {
    // What is relative in the configuration means the same at the start and at a reload.
    if !line.staysInForeground { Processes.leaveWorkingDirectory() }
    let originalPattern = line.corePattern == nil ? nil : FileSystem.line(of: Self.corePatternPath)
    defer { originalPattern.map { try? FileSystem.setKernelValue(Self.corePatternPath, $0) } }
    SignalTable.begin(heedsInterrupt: !line.ignoresInterrupt)
    FileSystem.setMask(UInt32(line.umask ?? 0o177))
    var options = line.log
    options.file = options.file.map { $0.hasPrefix("/") ? $0 : "\(TemporaryDirectory.path)/\($0)" }
    let log = Log(identity: "Keepalived", options: options)
    defer { log.drain() }
    greet(log)
    if line.dumpsCore { Resources.allowCoreDumps() }

    let reader = ConfigurationReader(line)
    // Compatibility: a namespace that cannot be entered ends with 0.
    guard let read = reader.read(log: log) else { return 0 }
    let outcome = read.outcome
    reader.report(outcome, to: log)
    if let refusal = outcome.refusals.first(where: { $0.view == .parent }) {
      log.info("Stopped \(Version.name)")
      return refusal.exitStatus
    }
    return prepare(read, log: log, bodies)
  }

  private func greet(_ log: Log) {
    log.info("Starting \(Version.name)")
    let system = SystemName()
    let kernel = SystemName.kernelHeaders
    log.info(
      "Running on \(system.system) \(system.release) \(system.version)"
        + " (built for Linux \(kernel.0).\(kernel.1).\(kernel.2))")
    for line in Self.commandLine(arguments) { log.info(line) }
  }

  /// In lines of 100 columns.
  static func commandLine(_ arguments: [String]) -> [String] {
    let title = "Command line:"
    var lines: [String] = []
    var line = title
    for word in arguments.map({ " '\($0)'" }) {
      if line.utf8.count + word.utf8.count > 100 && line.utf8.count > title.utf8.count {
        lines.append(line)
        line = String(repeating: " ", count: title.utf8.count)
      }
      line += word
    }
    return lines + [line]
  }

  private func prepare(_ read: ConfigurationReader.Read, log: Log, _ bodies: [ChildKind: ChildBody])
    -> Int32
  {
    let global = read.outcome.configuration.global
    if let mask = line.umask ?? global.umask { FileSystem.setMask(UInt32(mask)) }
    if let name = global.processNames.parent { Processes.setName(name) }
    rename(log, global)

    if let pattern = line.corePattern { setCorePattern(pattern, log) }
    var runFiles = RunFiles(line, global)
    SignalTable.holdStops()
    do throws(Errno) { try runFiles.createDirectories() } catch {
      log.error("Unable to create the directory of the pid files - \(error)")
      runFiles.remove()
      return 0
    }
    do throws(PidFile.Failure) { try runFiles.lock(line) } catch {
      if case .locked = error { log.info("Another process has a pid file locked") }
      log.info("daemon is already running")
      runFiles.remove()
      return 0
    }
    if !line.staysInForeground { daemonize() }
    do throws(PidFile.Failure) { try runFiles.parent.write() } catch {
      log.error("Cannot write the pid file \(runFiles.parent.path)")
    }
    if global.maxAutoPriority == .notSet {
      log.info(
        "NOTICE: setting config option max_auto_priority"
          + " should result in better keepalived performance"
      )
    }
    return watch(read, runFiles, log: log, bodies)
  }

  private func watch(
    _ read: ConfigurationReader.Read, _ runFiles: RunFiles, log: Log,
    _ bodies: [ChildKind: ChildBody]
  ) -> Int32 {
    var status: Int32 = 1
    do throws(StartFailure) {
      status = try makeWatchdog(read, runFiles, log: log, bodies).run()
    } catch {
      log.error("The parent process cannot run - \(error.reason ?? "")")
    }
    if log.isDetailed { log.info(Self.usage) }
    log.info("Stopped \(Version.name)")
    runFiles.remove()
    return status
  }

  private func makeWatchdog(
    _ read: ConfigurationReader.Read, _ runFiles: RunFiles, log: Log,
    _ bodies: [ChildKind: ChildBody]
  ) throws(StartFailure) -> Watchdog {
    do throws(Errno) {
      return try Watchdog(
        line, log: log, limits: limits, read: read, runFiles: runFiles, bodies: bodies)
    } catch { throw StartFailure(error) }
  }

  private static let corePatternPath = "/proc/sys/kernel/core_pattern"

  private func setCorePattern(_ pattern: String, _ log: Log) {
    do throws(Errno) {
      try FileSystem.setKernelValue(Self.corePatternPath, pattern)
    } catch { log.info("Unable to read/write core_pattern") }
  }

  /// Messages carry instance and namespace from here on.
  private func rename(_ log: Log, _ global: GlobalDefinitions) {
    let suffix = IdentitySuffix.text(line, global)
    if suffix.isEmpty { return }
    log.info("Changing syslog ident to Keepalived\(suffix)")
    log.rename("Keepalived\(suffix)")
  }

  /// The original process ends at once, and leaves all that was made to the copy, which goes on
  /// without a terminal.
  private func daemonize() {
    guard let process = try? Processes.fork() else { return }
    if process > 0 { Processes.exit(0) }
    Processes.detach()
  }

  private static var usage: String {
    let own = Resources.usage(ofChildren: false)
    let children = Resources.usage(ofChildren: true)
    return "CPU usage (self/children) user: \(own.user.secondsText)/\(children.user.secondsText)"
      + " system: \(own.system.secondsText)/\(children.system.secondsText)"
  }
}

/// `_NAMESPACE_INSTANCE`, behind identities and file names.
enum IdentitySuffix {
  static func text(_ line: CommandLine, _ global: GlobalDefinitions) -> String {
    [line.netNamespace ?? global.netNamespace, global.instance].compactMap { $0.map { "_\($0)" } }
      .joined()
  }
}
