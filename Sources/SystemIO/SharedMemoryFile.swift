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
