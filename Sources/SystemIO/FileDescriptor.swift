package import CLinux

/// An open file that is closed when its owner goes. Always close-on-exec.
package struct FileDescriptor: ~Copyable {
  package let rawValue: Int32

  /// Takes over a descriptor that somebody else opened.
  package init(owning rawValue: Int32) { self.rawValue = rawValue }

  deinit { _ = close(rawValue) }

  /// Gives the descriptor up without closing it.
  consuming func leaveOpen() { discard self }

  /// The corresponding C function is `open`; `O_CLOEXEC` is added.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(Errno)
    -> FileDescriptor
  {
    FileDescriptor(
      owning: try systemCall {
        unsafe path.withCString { unsafe clinux_open($0, flags | O_CLOEXEC, mode) }
      })
  }

  /// A file that text is added to, for its owner only. A symbolic link is refused, and a FIFO that
  /// nobody reads: opening it would wait for ever. A terminal does not become our own.
  package static func openLog(_ path: String, mode: mode_t = 0o600) throws(Errno)
    -> FileDescriptor
  {
    try open(
      path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode: mode)
  }

  /// Opened for both, a FIFO never blocks and never breaks; nothing is followed to it.
  package static func openFIFO(_ path: String) throws(Errno) -> FileDescriptor {
    try open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW)
  }

  /// An empty file that says something by being there.
  package static func createMarker(_ path: String) throws(Errno) -> FileDescriptor {
    let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, mode: 0o644)
    _ = fchmod(file.rawValue, 0o644)
    return file
  }

  /// Neither waits for the writer of a FIFO nor takes over a terminal.
  package static func openForReading(_ path: String) throws(Errno) -> FileDescriptor {
    try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  }

  /// Reads at most `count` bytes; none at the end of the file.
  package func read(atMost count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try systemCall {
      unsafe bytes.withUnsafeMutableBytes { unsafe CLinux.read(rawValue, $0.baseAddress, $0.count) }
    }
    bytes.removeLast(count - got)
    return bytes
  }

  /// Writes once; how many bytes were taken.
  @discardableResult
  package func write(_ bytes: [UInt8]) throws(Errno) -> Int {
    try systemCall {
      unsafe bytes.withUnsafeBytes { unsafe CLinux.write(rawValue, $0.baseAddress, $0.count) }
    }
  }

  /// Writes all of it, in as many calls as that takes.
  package func writeAll(_ bytes: [UInt8]) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = try write(Array(rest))
      if written == 0 { throw .noSpace }
      rest = rest.dropFirst(written)
    }
  }

  /// The corresponding C function is `dup`, with close-on-exec.
  package func duplicate() throws(Errno) -> FileDescriptor {
    FileDescriptor(owning: try systemCall { clinux_fcntl(rawValue, F_DUPFD_CLOEXEC, 0) })
  }

  package func setOption(_ level: Int32, _ name: Int32, _ value: Int32) throws(Errno) {
    try setOption(level, name, copying: value)
  }

  package func setOption<Value: BitwiseCopyable>(
    _ level: Int32, _ name: Int32, copying value: Value
  ) throws(Errno) {
    try systemCall {
      unsafe withUnsafePointer(to: value) {
        unsafe setsockopt(rawValue, level, name, $0, socklen_t(MemoryLayout<Value>.size))
      }
    }
  }
}
