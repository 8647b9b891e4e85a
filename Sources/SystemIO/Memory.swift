import CLinux

/// A file without a name, in memory, that children inherit: the parent's snapshot of the
/// configuration.
package final class SharedMemoryFile {
  package let descriptor: FileDescriptor

  package init(name: String) throws(Errno) {
    descriptor = FileDescriptor(
      owning: try systemCall { unsafe name.withCString { unsafe clinux_memfd_create($0) } })
  }

  package func replaceContents(with bytes: [UInt8]) throws(Errno) {
    let fd = descriptor.rawValue
    try systemCall { ftruncate(fd, 0) }
    var offset = 0
    while offset < bytes.count {
      offset += try systemCall {
        unsafe bytes.withUnsafeBytes {
          unsafe pwrite(
            fd, $0.baseAddress.map { unsafe $0 + offset }, $0.count - offset, off_t(offset))
        }
      }
    }
  }

  package func contents() throws(Errno) -> [UInt8] {
    let fd = descriptor.rawValue
    var status = stat()
    try systemCall { unsafe fstat(fd, &status) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var offset = 0
    while offset < bytes.count {
      let got = try systemCall {
        unsafe bytes.withUnsafeMutableBytes {
          unsafe pread(
            fd, $0.baseAddress.map { unsafe $0 + offset }, $0.count - offset, off_t(offset))
        }
      }
      if got == 0 { break }
      offset += got
    }
    bytes.removeLast(bytes.count - offset)
    return bytes
  }
}

/// A counter that one process adds to and another waits for.
package final class EventCounter {
  package let descriptor: FileDescriptor

  package init() throws(Errno) {
    descriptor = FileDescriptor(
      owning: try systemCall { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) })
  }

  package func add(_ count: UInt64 = 1) { _ = eventfd_write(descriptor.rawValue, count) }

  /// What has been added since the last call.
  package func take() -> UInt64 {
    var count: eventfd_t = 0
    return unsafe eventfd_read(descriptor.rawValue, &count) == 0 ? count : 0
  }
}

/// The memory of this process.
package enum Memory {
  /// Gives back what only the start needed: free heap, and the code that read the configuration.
  ///
  /// The kernel maps whole neighbourhoods of the program around each page that is touched; the
  /// start touches nearly all of it, a steady process a small part.
  package static func releaseStartup() {
    _ = malloc_trim(0)
    clinux_release_code()
  }
}
