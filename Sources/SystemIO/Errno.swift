// This target is where Swift meets the system: descriptors, sockets, files, processes, clocks, and
// the libraries for TLS, digests and expressions. It knows no word of VRRP, BFD or IPVS, and
// nothing of the configuration.
//
// Each system call goes through `systemCall`, which decides once what its errors mean: interrupted
// ones are repeated, `EBADF` and `EFAULT` are faults of this program and trap, everything else is
// thrown as `Errno`. What owns something is ~Copyable or a final class, and gives it back when it
// goes: `FileDescriptor`, `PidFile`, `SharedMemoryFile`. OpenSSL and PCRE2 are loaded when they are
// asked for first; a machine without them is told so by nil or a typed error.
//
// Buffers are lent, not copied: `DatagramBatch` and `ReceiveBuffer` receive into room that is used
// again, and hand out spans of it.
//
// What must never happen: a descriptor that survives an exec (all are close-on-exec, and a program
// that is started gets none of ours), a link that is followed into a write (`O_NOFOLLOW`,
// `FileSystem.replace`), a call in a child that waits for something outside of it: `NameLookup` and
// `KernelModules` do, and are for the parent and for the start.
//
// `unsafe` stands here, in `Kernel` and in the C wrappers, and nowhere else.
import CLinux

/// A failed system call: the kernel's error number.
package struct Errno: Error, RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static var current: Errno { Errno(rawValue: clinux_errno()) }

  package static let noEntry = Errno(rawValue: ENOENT)
  package static let noProcess = Errno(rawValue: ESRCH)
  package static let interrupted = Errno(rawValue: EINTR)
  package static let again = Errno(rawValue: EAGAIN)
  package static let permission = Errno(rawValue: EPERM)
  package static let access = Errno(rawValue: EACCES)
  package static let addressInUse = Errno(rawValue: EADDRINUSE)
  package static let exists = Errno(rawValue: EEXIST)
  package static let noDevice = Errno(rawValue: ENODEV)
  package static let noBufferSpace = Errno(rawValue: ENOBUFS)
  package static let invalid = Errno(rawValue: EINVAL)
  package static let noSpace = Errno(rawValue: ENOSPC)
  package static let tooLarge = Errno(rawValue: EFBIG)
  package static let notDirectory = Errno(rawValue: ENOTDIR)
  package static let textBusy = Errno(rawValue: ETXTBSY)
  package static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  package static let networkDown = Errno(rawValue: ENETDOWN)
  package static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
}

extension Errno {
  /// Too many descriptors, too little memory, no room in a table of the kernel: there may be some
  /// again at any time.
  package var isShortage: Bool {
    switch rawValue {
    case EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN, ENOSPC: true
    default: false
    }
  }
}

extension Errno: CustomStringConvertible {
  /// The C library's text, as it stands in log lines.
  package var description: String {
    var text = [CChar](repeating: 0, count: 128)
    return unsafe text.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return "" }
      guard let result = unsafe strerror_r(rawValue, base, buffer.count) else { return "" }
      return unsafe String(cString: result)
    }
  }
}

/// Runs a system call: repeats it when a signal interrupted it, throws its error, and traps on the
/// two errors that only a fault of this program can cause.
@discardableResult
package func systemCall<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = Errno.current
    if error.rawValue == EINTR { continue }
    invariant(
      error.rawValue != EBADF && error.rawValue != EFAULT,
      "a system call got a bad descriptor or address")
    throw error
  }
}
