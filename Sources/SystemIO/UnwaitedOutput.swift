import CLinux

/// A stream that octets are written to without ever waiting for who takes them.
///
/// `O_NONBLOCK` belongs to the open file, which the descriptor of a standard stream shares with the
/// shell, or with whoever reads the log: set there, it would break them. So a terminal, a pipe or a
/// FIFO is opened once more, by its name in /proc, for an open file of our own; a socket takes a
/// flag with each message; and what cannot be opened again, as it belongs to another account, is
/// asked before each write. A regular file knows no such thing: a write to it may take as long as
/// its file system does.
package final class UnwaitedOutput {
  private enum Way { case ownFile, message, asked, regular }

  /// What one write to a pipe may be so that it is taken whole or not at all (pipe(7)).
  package static let wholeWrite = Int(PIPE_BUF)

  private let own: FileDescriptor?
  private let number: Int32
  private let way: Way

  /// For a descriptor that others have open too; it must stay open.
  package init(sharing number: Int32) throws(Errno) {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw .current }
    if Self.mayBlock(status.st_mode),
      let again = try? FileDescriptor.open(
        "/proc/self/fd/\(number)", O_WRONLY | O_NONBLOCK | O_NOCTTY)
    {
      self.number = again.rawValue
      own = consume again
      way = .ownFile
      return
    }
    self.number = number
    own = nil
    way =
      clinux_is_socket(status.st_mode) != 0
      ? .message : Self.mayBlock(status.st_mode) ? .asked : .regular
  }

  /// For a file of our own, opened with `O_NONBLOCK`.
  package init(owning file: consuming FileDescriptor) {
    var status = stat()
    let number = file.rawValue
    _ = unsafe fstat(number, &status)
    way = Self.mayBlock(status.st_mode) ? .ownFile : .regular
    self.number = number
    own = consume file
  }

  private static func mayBlock(_ mode: mode_t) -> Bool {
    clinux_is_fifo(mode) != 0 || clinux_is_character_device(mode) != 0
  }

  /// Whether the kernel can be told not to wait.
  package var canRefuse: Bool { way != .regular }

  /// Writes once; how many octets were taken. `EAGAIN` if none can be taken now.
  package func write(_ octets: ArraySlice<UInt8>) throws(Errno) -> Int {
    let number = number
    let way = way
    if way == .asked && !isReady(within: 0) { throw .again }
    return try systemCall {
      unsafe octets.withUnsafeBytes { bytes in
        switch way {
        case .ownFile, .regular, .asked:
          unsafe CLinux.write(number, bytes.baseAddress, bytes.count)
        case .message:
          unsafe CLinux.send(
            number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
      }
    }
  }

  /// Whether something can be written, waiting for that so many milliseconds.
  package func isReady(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&request, 1, milliseconds) > 0 && request.revents & Int16(POLLOUT) != 0
  }
}
