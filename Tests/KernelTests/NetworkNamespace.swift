import CLinux
import SystemIO
import SystemTestSupport
import Testing

/// A network namespace that lives as long as a process that sleeps in it.
final class NetworkNamespace {
  private let process: Int32
  private let directory: ScratchDirectory

  static let isPossible =
    geteuid() == 0 && FileSystem.canExecute("/usr/sbin/nft")
    && FileSystem.canExecute("/usr/bin/nsenter")

  var file: String { "/proc/\(process)/ns/net" }

  init() throws {
    directory = try ScratchDirectory()
    let path = directory("ready")
    process = try Program.at("/usr/bin/unshare", "-n", "sh", "-c", "touch \(path); exec sleep 60")
      .start(limits: OriginalLimits()).process
    try #require(eventually { directory.text("ready") != nil })
  }

  deinit {
    kill(process, SIGKILL)
    _ = end(of: process)
  }

  /// Runs a line of a shell within; what it writes.
  @discardableResult
  func run(_ line: String) throws -> String {
    let output = directory("output")
    let started = try Program.at(
      "/usr/bin/nsenter", "--net=\(file)", "bash", "-c", "{ \(line); } > \(output) 2>&1"
    )
    .start(limits: OriginalLimits())
    #expect(end(of: started.process) == .exited(0), "\(line)")
    return directory.text("output") ?? ""
  }

  func load(_ text: String) throws { try run("nft -f \(try directory.write("rules", text))") }

  var rules: String { get throws { try run("nft list ruleset") } }
}
