package import CLinux
package import SystemIO

/// A directory of one test, removed with all that is in it when the test lets go of it.
package final class ScratchDirectory {
  package let path: String

  package init() throws(Errno) {
    path = "/tmp/keepalived-test-\(Processes.current)-\(String(KernelRandom.number, radix: 36))"
    try FileSystem.createDirectory(path, mode: 0o700)
  }

  deinit { Self.remove(path) }

  /// The path of a name in it.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a file; its path.
  @discardableResult
  package func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws(Errno) -> String {
    let file = try FileDescriptor.open(self(name), O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    try file.writeAll(Array(text.utf8))
    try systemCall { fchmod(file.rawValue, mode) }
    return self(name)
  }

  /// A script for /bin/sh; its path.
  package func script(_ name: String, _ text: String) throws(Errno) -> String {
    try write(name, "#!/bin/sh\n\(text)\n", mode: 0o755)
  }

  package func directory(_ name: String) throws(Errno) {
    try FileSystem.createDirectory(self(name), mode: 0o755)
  }

  package func link(_ name: String, to target: String) throws(Errno) {
    try systemCall { unsafe symlink(target, self(name)) }
  }

  package func fifo(_ name: String) throws(Errno) {
    try systemCall { unsafe mkfifo(self(name), 0o600) }
  }

  /// The text of a file; nil if there is none.
  package func text(_ name: String) -> String? {
    (try? FileSystem.contents(of: self(name))).map { String(decoding: $0, as: UTF8.self) }
  }

  package var names: [String] { (try? FileSystem.names(in: path)) ?? [] }

  private static func remove(_ path: String) {
    for name in (try? FileSystem.names(in: path)) ?? [] {
      let inner = "\(path)/\(name)"
      let status = try? FileSystem.status(inner, followingLinks: false)
      if status?.kind == .directory { remove(inner) } else { FileSystem.remove(inner) }
    }
    FileSystem.removeDirectory(path)
  }
}
