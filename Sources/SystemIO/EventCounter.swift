import CLinux

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
