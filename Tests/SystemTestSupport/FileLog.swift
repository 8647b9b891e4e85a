package import Logging

extension ScratchDirectory {
  /// A log whose lines `logged` gives back.
  package func log(detail: Int = 1) -> Log {
    var options = Log.Options()
    options.toSyslog = false
    options.detail = detail
    options.file = self("log")
    return Log(identity: "Test", options: options)
  }

  /// The messages, without what stands before them.
  package var logged: [String] {
    (text("log") ?? "").split(separator: "\n").map { line in
      line.firstRange(of: "]: ").map { String(line[$0.upperBound...]) } ?? String(line)
    }
  }
}
