import Configuration
import ConfigurationSyntax
import Host
import Logging
import SystemIO

/// `-t`: reads and validates, says what is wrong, and ends.
struct ConfigurationTest {
  private let line: CommandLine

  init(_ line: CommandLine) { self.line = line }

  func run() -> Int32 {
    FileSystem.setMask(UInt32(line.umask ?? 0o177))
    var file: FileDescriptor?
    if case .toFile(let path) = line.configurationTest {
      do throws(Errno) { file = try FileDescriptor.openLog(path, mode: 0o644) } catch {
        StandardStream.error.write(
          "Unable to open config-test log file \(path) \(error.rawValue) - \(error)\n")
        return 1
      }
    }
    var options = Log.Options()
    options.isSilent = true
    let log = Log(identity: "Keepalived", options: options)
    // Compatibility: a namespace that is missing is no fault of the configuration.
    guard let outcome = ConfigurationReader(line, strictness: .test).read(log: log) else { return 0 }
    let isTerminal = file == nil && StandardStream.error.isTerminal
    for diagnostic in outcome.diagnostics where diagnostic.class != .note {
      let text = diagnostic.rendered(isTerminal: isTerminal) + "\n"
      if let raw = file?.rawValue {
        StandardStream.write(text, to: raw)
      } else {
        StandardStream.error.write(text)
      }
    }
    return outcome.exitStatus
  }
}
