// This target is the log of a process.
//
// `Log` owns the ways that a line may go: to syslog (`SyslogSocket`, RFC 3164 as syslog(3) sends
// it), to the console and to a file. What goes where, and how much of it, is said by the command
// line (`Log.Options`) and does not change while the process runs. Each process has a log of its
// own with a name of its own; nothing is shared after a fork but the file's name.
//
// The wording is that of those who log: cores say what happened as values (`RouterTrace`), and the
// text is theirs. Other programs read these lines, so they stay as they are, to the letter.
//
// What must never happen: a process that waits for its log, or ends because of it (a full or
// missing socket costs the line, and so does a console or a file that is not read: `LineSink`); a
// line of control characters that forges another line.

package import Primitives
import SystemIO

/// The log of one process: syslog, the console and a file, as the command line asks.
package final class Log {
  package enum Level: Int32, Sendable {
    case alert = 1
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
  }

  /// Syslog facilities as in syslog(3), shifted as messages carry them.
  package enum Facility {
    package static let user = Int32(1 << 3)
    package static let daemon = Int32(3 << 3)
    package static func local(_ number: Int32) -> Int32 { (16 + number) << 3 }
  }

  /// Where the text goes and how much of it.
  package struct Options: Sendable {
    /// How often `-D` was given.
    package var detail = 0
    package var toConsole = false
    package var toSyslog = true
    /// `-t`: nothing is logged at all.
    package var isSilent = false
    /// The syslog facility, as in syslog(3).
    package var facility = Facility.daemon
    /// The file of `-g`; each process appends what it is to the name.
    package var file: String?

    package init() {}
  }

  package private(set) var identity: String
  package var options: Options
  private let syslog: SyslogSocket
  private lazy var console = LineSink(
    open: { try? UnwaitedOutput(sharing: StandardStream.error.rawValue) },
    lossLine: { [unowned self] in consoleLine(Self.loss($0)) })
  private lazy var file = LineSink(
    open: { [unowned self] in openFile() }, lossLine: { [unowned self] in fileLine(Self.loss($0)) })
  /// Called when something is held back: `flush` is to be called soon, and again until nothing is.
  package var whenStuck: (() -> Void)?
  private var isCollecting = false
  private var stamp: (second: Int64, syslog: String, console: String) = (-1, "", "")

  /// `socket` is where the syslog daemon listens.
  package init(identity: String, options: Options, socket: String = "/dev/log") {
    self.identity = identity
    self.options = options
    syslog = SyslogSocket(path: socket)
  }

  /// The same log under another name.
  package func rename(_ identity: String) { self.identity = identity }

  /// In a forked child: a log of its own to the same destinations. What the parent holds back is
  /// the parent's.
  package func ofChild(_ identity: String, fileSuffix: String) -> Log {
    var options = options
    options.file = options.file.map { Self.fileName($0, suffix: fileSuffix) }
    return Log(identity: identity, options: options, socket: syslog.path)
  }

  package var isDetailed: Bool { options.detail > 0 }

  package func info(_ text: @autoclosure () -> String) { write(.info, text) }
  package func alert(_ text: @autoclosure () -> String) { write(.alert, text) }
  package func warning(_ text: @autoclosure () -> String) { write(.warning, text) }
  package func error(_ text: @autoclosure () -> String) { write(.error, text) }

  package func debug(_ text: @autoclosure () -> String) { write(.debug, text) }

  /// Only with `-D`.
  package func detail(_ text: @autoclosure () -> String) {
    if isDetailed { write(.info, text) }
  }

  package func write(_ level: Level, _ text: () -> String) {
    if options.isSilent { return }
    if !options.toSyslog && !options.toConsole && options.file == nil { return }
    let text = Self.printable(text())
    // What is collected is of one moment.
    if !isCollecting { refreshStamp() }
    if options.toSyslog {
      syslog.send(
        "\(stamp.syslog) \(identity)[\(Processes.current)]: \(text)",
        priority: options.facility | level.rawValue, second: stamp.second)
    }
    if options.toConsole { console.append(consoleLine(text)) }
    if options.file != nil { file.append(fileLine(text)) }
    if isStuck { whenStuck?() }
  }

  /// For thousands of lines: they reach their places in few writes.
  package func together(_ body: () -> Void) {
    refreshStamp()
    isCollecting = true
    for sink in sinks { sink.collect() }
    body()
    isCollecting = false
    flush()
    if isStuck { whenStuck?() }
  }

  // MARK: Lines held back

  private var sinks: [LineSink] {
    (options.toConsole ? [console] : []) + (options.file == nil ? [] : [file])
  }

  /// Whether there are lines that nobody has taken yet.
  package var isStuck: Bool {
    options.toConsole && console.isStuck || options.file != nil && file.isStuck
  }

  /// Offers again what is held back; whether something of it was taken.
  @discardableResult
  package func flush() -> Bool {
    refreshStamp()
    var isTaken = false
    for sink in sinks where sink.flush() { isTaken = true }
    return isTaken
  }

  /// At the end of the process: a reader that is there gets all, for others there is a limit.
  package func drain(_ limit: Microseconds = .milliseconds(200)) {
    for sink in sinks { sink.drain(limit) }
  }

  private func openFile() -> UnwaitedOutput? {
    guard let path = options.file, let file = try? FileDescriptor.openLog(path) else { return nil }
    return UnwaitedOutput(owning: file)
  }

  // MARK: Text

  private static func loss(_ count: Int) -> String { "\(count) log messages were lost" }

  private func consoleLine(_ text: String) -> String { "\(stamp.console): \(text)\n" }

  private func fileLine(_ text: String) -> String {
    "\(stamp.console): \(identity)[\(Processes.current)]: \(text)\n"
  }

  /// Nothing from a packet or a file can end a line or change a terminal, not even by the control
  /// characters beyond ASCII.
  static func printable(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
    var printable = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      printable.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return String(printable)
  }

  private func refreshStamp() {
    let second = Clock.wall.seconds
    if second == stamp.second { return }
    stamp = (
      second, Clock.localTime("%b %e %H:%M:%S", seconds: second),
      Clock.localTime("%c", seconds: second)
    )
  }

  private static func fileName(_ name: String, suffix: String) -> String {
    guard let dot = name.lastIndex(of: "."), name[dot...].allSatisfy({ $0 != "/" }) else {
      return name + suffix
    }
    return name[..<dot] + suffix + name[dot...]
  }
}
