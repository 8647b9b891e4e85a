import CLinux

/// A channel from one process to another, in which neither ever waits.
package final class Pipe {
  package let reading: FileDescriptor
  package let writing: FileDescriptor

  package init() throws(Errno) {
    var ends: [Int32] = [-1, -1]
    try systemCall {
      unsafe ends.withUnsafeMutableBufferPointer {
        unsafe pipe2($0.baseAddress, O_CLOEXEC | O_NONBLOCK)
      }
    }
    reading = FileDescriptor(owning: ends[0])
    writing = FileDescriptor(owning: ends[1])
  }
}
