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
    guard let read = ConfigurationReader(line, strictness: .test).read(log: log) else { return 0 }
    let outcome = read.outcome
    let isTerminal = file?.rawValue == nil && StandardStream.error.isTerminal
    for diagnostic in outcome.diagnostics.compactMap(\.inTest) {
      let text = diagnostic.rendered(isTerminal ? .terminal : .plain) + "\n"
      if file?.rawValue == nil {
        StandardStream.error.write(text)
      } else {
        _ = try? file?.write(Array(text.utf8))
      }
    }
    return outcome.testExitStatus
  }
}
