import CLinux

/// Modules of the kernel.
package enum KernelModules {
  /// How long a module may take, in milliseconds.
  private static let patience: Int32 = 10_000

  /// Loads a module with the program that the kernel itself uses for that, and waits for it: to be
  /// called before the loop runs. Whether it helped shows when the module is used.
  package static func load(_ name: String) {
    let configured = (try? FileSystem.contents(of: "/proc/sys/kernel/modprobe")) ?? []
    let path = String(decoding: configured.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let program = Program(
      path: path.isEmpty ? "/sbin/modprobe" : path, arguments: ["modprobe", "-q", "--", name],
      account: .own)
    guard let started = try? program.start(limits: OriginalLimits()) else { return }
    if let process = try? Processes.open(started.process) {
      var entry = pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&entry, 1, patience) <= 0 { _ = clinux_kill(started.process, SIGKILL) }
    }
    var status: Int32 = 0
    _ = unsafe waitpid(started.process, &status, 0)
  }
}
