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
// missing socket costs the line); a line of control characters that forges another line.

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
  private var file: FileDescriptor?
  /// Lines for the console while `together` collects them.
  private var collected: [UInt8]?
  private static let collectedAtMost = 16_384
  private var stamp: (second: Int64, syslog: String, console: String) = (-1, "", "")

  /// `socket` is where the syslog daemon listens.
  package init(identity: String, options: Options, socket: String = "/dev/log") {
    self.identity = identity
    self.options = options
    syslog = SyslogSocket(path: socket)
  }

  /// The same destinations under the name of another process.
  package func renamed(_ identity: String, fileSuffix: String = "") -> Log {
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
    if collected?.isEmpty ?? true { refreshStamp() }
    if options.toSyslog {
      syslog.send(
        "\(stamp.syslog) \(identity)[\(Processes.current)]: \(text)",
        priority: options.facility | level.rawValue, second: stamp.second)
    }
    if options.toConsole { writeToConsole("\(stamp.console): \(text)\n") }
    if let path = options.file { append(text, to: path) }
  }

  /// For thousands of lines: they reach the console in few writes.
  package func together(_ body: () -> Void) {
    collected = []
    body()
    writeCollected()
    collected = nil
  }

  private func writeToConsole(_ line: String) {
    guard collected != nil else {
      StandardStream.error.write(line)
      return
    }
    collected?.append(contentsOf: line.utf8)
    if (collected?.count ?? 0) >= Self.collectedAtMost { writeCollected() }
  }

  private func writeCollected() {
    if let collected, !collected.isEmpty { StandardStream.error.write(collected) }
    collected?.removeAll(keepingCapacity: true)
  }

  private func append(_ text: String, to path: String) {
    if file == nil { file = try? FileDescriptor.openLog(path) }
    _ = try? file?.write(
      Array("\(stamp.console): \(identity)[\(Processes.current)]: \(text)\n".utf8))
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
