import CommandLineOptions
import ConfigurationSyntax
import Logging
import ProcessFrame
import SystemIO

/// What the command line says.
package struct CommandLine: Sendable {
  /// `-t [FILE]`.
  enum ConfigurationTest: Sendable { case no, toStandardError, toFile(String) }

  var configurationFile = CommandLine.standardConfigurationFile
  var configurationTest = ConfigurationTest.no
  var configID: String?
  var allConfig = false
  var runsVRRP = true
  var runsChecker = true
  var runsBFD = true
  /// `--all`: children run also without configuration.
  var startsAll = false
  var staysInForeground = false
  var respawns = true
  var log = Log.Options()
  var umask: UInt16?
  var pidFile: String?
  var vrrpPidFile: String?
  var checkersPidFile: String?
  var bfdPidFile: String?
  var netNamespace: String?
  var snmp = false
  var snmpSocket: String?
  var dumpsCore = false
  var corePattern: String?
  var child = ChildContext.Options()
  var ignoresInterrupt = false
  /// What a relative name of the configuration file is relative to; nil: the present one.
  private(set) var workingDirectory: String?
  /// Numbers that are none. `-t` counts them as faults of the configuration.
  var faults: [Diagnostic] = []

  /// The same, for a process that leaves its working directory.
  func anchored(in directory: String) -> CommandLine {
    var line = self
    line.workingDirectory = directory
    for file in [\CommandLine.pidFile, \.vrrpPidFile, \.checkersPidFile, \.bfdPidFile] {
      line[keyPath: file] = line[keyPath: file].map { FileSystem.absolute($0, in: directory) }
    }
    return line
  }

  static let standardConfigurationFile = "/etc/keepalived/keepalived.conf"

  /// What to do.
  enum Request: Sendable {
    case run(CommandLine)
    /// Say something and end.
    case answer(Answer)
    /// The command line is wrong; what was wrong has been said.
    case refuse
  }

  enum Answer: Sendable {
    case version
    case help
    case signal(String)
    /// The name of the program, and the words behind the option.
    case genhash([String])
  }
}

/// One option: a row of the table that is parsed by and that `--help` prints.
struct Option: CommandLineOption, Sendable {
  enum Argument: Sendable {
    case none, required(String), optional(String)

    var rule: ArgumentRule {
      switch self {
      case .none: .none
      case .required: .required
      case .optional: .optional
      }
    }
  }

  /// What an option does; nil as the value stands for a missing optional argument.
  enum Effect: Sendable {
    case set(@Sendable (inout CommandLine, String?) -> Void)
    /// As `set`, but the value may be wrong: the message, or nil.
    case check(@Sendable (inout CommandLine, String) -> String?)
    case answer(@Sendable (String) -> CommandLine.Answer)
  }

  let short: Character?
  let long: String
  let argument: Argument
  let help: String
  let effect: Effect

  var argumentRule: ArgumentRule { argument.rule }

  init(
    _ short: Character?, _ long: String, _ argument: Argument = .none, _ help: String,
    _ effect: Effect
  ) {
    self.short = short
    self.long = long
    self.argument = argument
    self.help = help
    self.effect = effect
  }
}

extension Option {
  /// In the order of `--help`.
  static let all: [Option] =
    configuration + subsystems + logging + process + files + extras + answers

  private static let configuration = [
    Option(
      "f", "use-file", .required("FILE"), "Use the specified configuration file",
      .set { $0.configurationFile = $1 ?? $0.configurationFile }),
    Option(
      "t", "config-test", .optional("LOG_FILE"),
      "Check the configuration for obvious errors, output to stderr by default",
      .set { $0.configurationTest = $1.map { .toFile($0) } ?? .toStandardError }),
    Option(
      "e", "all-config", .none, "Error if any configuration file was not found (see include)",
      .set { line, _ in line.allConfig = true }),
    Option(
      "i", "config-id", .required("ID"),
      "Skip any configuration lines beginning '@' that don't match ID", .set { $0.configID = $1 }),
  ]

  private static let subsystems = [
    Option(
      "P", "vrrp", .none, "Only run with VRRP subsystem",
      .set { line, _ in line.runsChecker = false }),
    Option(
      "C", "check", .none, "Only run with health-checker subsystem",
      .set { line, _ in line.runsVRRP = false }),
    Option(
      "B", "no_bfd", .none, "Don't run BFD subsystem", .set { line, _ in line.runsBFD = false }),
    Option(
      nil, "all", .none, "Force all child processes to run, even if they have no configuration",
      .set { line, _ in
        line.runsVRRP = true
        line.runsChecker = true
        line.runsBFD = true
        line.startsAll = true
      }),
  ]

  private static let logging = [
    Option(
      "l", "log-console", .none, "Log messages to local console",
      .set { line, _ in line.log.toConsole = true }),
    Option(
      "D", "log-detail", .none, "Detailed log messages", .set { line, _ in line.log.detail += 1 }),
    Option(
      "S", "log-facility", .required("FACILITY"),
      "Set syslog facility to FACILITY (0-7, local0-local7, user, daemon)",
      .check { line, value in
        guard let facility = line.facility(named: value) else {
          return "Invalid log facility '\(value)'"
        }
        line.log.facility = facility
        return nil
      }),
    Option(
      "g", "log-file", .optional("FILE"), "Also log to FILE (default /tmp/keepalived.log)",
      .set { $0.log.file = $1 ?? "keepalived.log" }),
    Option(nil, "flush-log-file", .none, "Flush log file on write", .set { _, _ in }),
    Option(
      "G", "no-syslog", .none, "Don't log via syslog", .set { line, _ in line.log.toSyslog = false }
    ),
  ]

  private static let process = [
    Option(
      "u", "umask", .required("MASK"), "umask for file creation (in numeric form)",
      .check { line, value in
        guard let mask = UInt16(numeral: value), mask <= 0o777 else {
          return "Invalid --umask option \(value)"
        }
        line.umask = mask
        return nil
      }),
    Option(
      "X", "release-vips", .none, "Drop VIP on transition from signal",
      .set { line, _ in line.child.alwaysReleasesAddresses = true }),
    Option(
      "V", "dont-release-vrrp", .none, "Don't remove VRRP VIPs and VROUTEs on daemon stop",
      .set { line, _ in line.child.keepsAddressesAtStop = true }),
    Option(
      "I", "dont-release-ipvs", .none, "Don't remove IPVS topology on daemon stop",
      .set { line, _ in line.child.keepsServicesAtStop = true }
    ),
    Option(
      "R", "dont-respawn", .none, "Don't respawn child processes",
      .set { line, _ in line.respawns = false }),
    Option(
      "n", "dont-fork", .none, "Don't fork the daemon process",
      .set { line, _ in line.staysInForeground = true }),
    Option(
      "d", "dump-conf", .none, "Dump the configuration data",
      .set { line, _ in line.child.dumpsConfiguration = true }),
    Option(
      "s", "namespace", .required("NAME"), "Run in network namespace NAME (overrides config)",
      .set { $0.netNamespace = $1 }),
    Option(
      "m", "core-dump", .none, "Produce core dump if terminate abnormally",
      .set { line, _ in line.dumpsCore = true }),
    Option(
      "M", "core-dump-pattern", .optional("PATTERN"),
      "Also set /proc/sys/kernel/core_pattern to PATTERN (default 'core')",
      .set {
        $0.dumpsCore = true
        $0.corePattern = $1 ?? "core"
      }),
    Option(
      nil, "ignore-sigint", .none, "SIGINT signal will be ignored",
      .set { line, _ in
        line.ignoresInterrupt = true
        line.child.ignoresInterrupt = true
      }),
  ]

  private static let files = [
    Option(
      "p", "pid", .required("FILE"), "Use specified pidfile for parent process",
      .set { $0.pidFile = $1 }),
    Option(
      "r", "vrrp_pid", .required("FILE"), "Use specified pidfile for VRRP child process",
      .set { $0.vrrpPidFile = $1 }),
    Option(
      "c", "checkers_pid", .required("FILE"), "Use specified pidfile for checkers child process",
      .set { $0.checkersPidFile = $1 }),
    Option(
      "b", "bfd_pid", .required("FILE"), "Use specified pidfile for BFD child process",
      .set { $0.bfdPidFile = $1 }),
  ]

  private static let extras = [
    Option(
      "a", "address-monitoring", .none,
      "Report all address additions/deletions notified via netlink", .set { _, _ in }),
    Option("x", "snmp", .none, "Enable SNMP subsystem", .set { line, _ in line.snmp = true }),
    Option(
      "A", "snmp-agent-socket", .required("FILE"), "Use the specified socket for master agent",
      .set { $0.snmpSocket = $1 }),
    Option(
      nil, "config-fd", .required("N"), "Internal: descriptor for the configuration",
      .set { _, _ in }),
  ]

  private static let answers = [
    Option(
      nil, "signum", .required("SIGFUNC"),
      "Return signal number for STOP, RELOAD, DATA, STATS, STATS_CLEAR, JSON",
      .answer { .signal($0) }),
    Option(
      "T", "genhash", .none, "Enter genhash mode (must be first option on command line)",
      .answer { _ in .genhash([]) }),
    Option("v", "version", .none, "Display the version number", .answer { _ in .version }),
    Option("h", "help", .none, "Display this help message", .answer { _ in .help }),
  ]
}

extension CommandLine {
  /// 0 to 7, local0 to local7, user, daemon.
  ///
  /// Compatibility: each is tried as a number first, and a name is none, which `-t` counts.
  fileprivate mutating func facility(named name: String) -> Int32? {
    if let number = facilityNumber(name) { return Log.Facility.local(number) }
    switch name {
    case "daemon": return Log.Facility.daemon
    case "user": return Log.Facility.user
    default:
      guard name.hasPrefix("local") else { return nil }
      return facilityNumber(String(name.dropFirst(5))).map { Log.Facility.local($0) }
    }
  }

  private mutating func facilityNumber(_ text: String) -> Int32? {
    let context = ReadingContext(strictness: .test)
    let words = Statement(
      words: [Word("--log-facility"), Word(text)], text: [],
      location: SourceLocation(file: nil, line: 0, column: 0))
    let number = try? context.unsigned(words, 1, in: 0...7, .strict)
    faults += context.diagnostics
    return number.map { Int32(truncatingIfNeeded: $0) }
  }
}

extension UInt16 {
  /// A number of C: `022` is octal, `0x12` hexadecimal.
  fileprivate init?(numeral text: String) {
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      self.init(text.dropFirst(2), radix: 16)
    } else if text.hasPrefix("0") && text.utf8.count > 1 {
      self.init(text.dropFirst(), radix: 8)
    } else {
      self.init(text)
    }
  }
}
