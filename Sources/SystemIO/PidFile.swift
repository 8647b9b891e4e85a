import CLinux

/// A file that holds a process number, locked so that a second daemon cannot start.
///
/// The lock belongs to the open file description: children that inherit the descriptor keep it.
package final class PidFile {
  package let path: String
  private var descriptor: FileDescriptor?

  package init(path: String) { self.path = path }

  package enum Failure: Error {
    case locked
    case unusable(Errno)
  }

  /// Creates and locks the file, empty. What is no regular file, a link among them, is refused.
  package func lock() throws(Failure) {
    do throws(Errno) {
      let created = try FileDescriptor.open(
        path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_EXCL, mode: 0o644)
      // The daemon's umask would make it unreadable for the tools that look here.
      _ = fchmod(created.rawValue, 0o644)
      descriptor = consume created
    } catch {
      do throws(Errno) {
        // A FIFO would be waited for.
        let found = try FileDescriptor.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
        if try FileStatus(of: found).kind != .regular { throw Errno.invalid }
        descriptor = consume found
      } catch { throw .unusable(error) }
    }
    guard let raw = rawDescriptor else { return }
    if clinux_lock_file(raw) < 0 {
      let error = Errno.current
      descriptor = nil
      throw error == .again || error == .access ? .locked : .unusable(error)
    }
    _ = ftruncate(raw, 0)
  }

  /// Writes this process's number; the file is made again if somebody removed or replaced it.
  package func write() throws(Failure) {
    if !isInPlace { try lock() }
    guard let raw = rawDescriptor else { return }
    _ = ftruncate(raw, 0)
    _ = lseek(raw, 0, SEEK_SET)
    do throws(Errno) {
      try descriptor?.writeAll(Array("\(Processes.current)\n".utf8))
    } catch { throw .unusable(error) }
  }

  /// Locks the file again if it is not held any more, for a process that is about to be started.
  package func hold() { if !isInPlace { try? lock() } }

  /// Removes the file, unless it is another process's by now, and gives up the lock.
  package func remove() {
    if isInPlace { _ = unsafe unlink(path) }
    descriptor = nil
  }

  /// Gives up this process's descriptor; the lock stays with the others that hold it.
  package func release() { descriptor = nil }

  private var rawDescriptor: Int32? { descriptor?.rawValue }

  private var isInPlace: Bool {
    guard let raw = rawDescriptor else { return false }
    var ours = stat()
    var there = stat()
    guard unsafe fstat(raw, &ours) == 0, unsafe lstat(path, &there) == 0 else { return false }
    return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino
  }
}
