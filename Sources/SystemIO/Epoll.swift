import CLinux
package import Primitives

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
  package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
  package static let priority = Readiness(rawValue: EPOLLPRI.rawValue)
  package static let failed = Readiness(rawValue: EPOLLERR.rawValue)
  /// The other end of a stream has sent all it will.
  package static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
  package static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
}

/// The kernel's list of descriptors to wait for.
package struct Epoll: ~Copyable {
  private let descriptor: FileDescriptor
  private var events: [clinux_event]

  package init(eventsAtOnce: Int = 64) throws(Errno) {
    descriptor = FileDescriptor(owning: try systemCall { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    events = Array(repeating: clinux_event(), count: eventsAtOnce)
  }

  package func add(_ fd: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try control(EPOLL_CTL_ADD, fd, interest, token)
  }

  package func change(_ fd: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try control(EPOLL_CTL_MOD, fd, interest, token)
  }

  package func remove(_ fd: Int32) {
    _ = clinux_epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, fd, 0, 0)
  }

  private func control(_ operation: Int32, _ fd: Int32, _ interest: Readiness, _ token: UInt64)
    throws(Errno)
  {
    try systemCall {
      clinux_epoll_ctl(descriptor.rawValue, operation, fd, interest.rawValue, token)
    }
  }

  /// Waits for events, at most for `timeout` (nil: for ever); how many there are. A wait that was
  /// interrupted says nothing of what is there: it is asked again, without waiting.
  package mutating func wait(_ timeout: Microseconds?) throws(Errno) -> Int {
    do throws(Errno) {
      return try events(within: timeout.map { max($0.count, 0) } ?? -1)
    } catch {
      guard error == .interrupted else { throw error }
      return try wait(.zero)
    }
  }

  private mutating func events(within limit: Int64) throws(Errno) -> Int {
    let fd = descriptor.rawValue
    let count = unsafe events.withUnsafeMutableBufferPointer {
      unsafe clinux_epoll_wait(fd, $0.baseAddress, Int32($0.count), limit)
    }
    guard count >= 0 else { throw Errno.current }
    return Int(count)
  }

  package subscript(index: Int) -> (token: UInt64, readiness: Readiness) {
    let event = events[index]
    return (event.token, Readiness(rawValue: event.readiness))
  }
}
