import CLinux
package import Primitives

/// Signals, read as data instead of interrupting the program.
package struct SignalDescriptor: ~Copyable {
  package let descriptor: FileDescriptor

  /// Blocks the signals and opens a descriptor that they are read from.
  package init(_ numbers: [Int32]) throws(Errno) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    _ = unsafe sigprocmask(SIG_SETMASK, &set, nil)
    descriptor = FileDescriptor(
      owning: try systemCall { unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)) }
    )
  }

  /// The next signal that is waiting.
  package func next() -> Int32? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    let got = unsafe CLinux.read(descriptor.rawValue, &information, size)
    return got == size ? Int32(truncatingIfNeeded: information.ssi_signo) : nil
  }
}

package enum Signal {
  package static let hangUp = SIGHUP
  package static let interrupt = SIGINT
  package static let terminate = SIGTERM
  package static let user1 = SIGUSR1
  package static let user2 = SIGUSR2
  package static let child = SIGCHLD
  package static let processorTime = SIGXCPU
  package static let kill = SIGKILL
  /// Print the statistics and set them to zero.
  package static var clearStatistics: Int32 { clinux_sigrtmax() - 1 }
  package static var json: Int32 { clinux_sigrtmin() + 2 }

  /// Reported when this program does what it must not; the kernel sends them whatever their
  /// disposition is.
  package static let faults = [SIGILL, SIGFPE, SIGSEGV, SIGBUS]
  /// The kernel takes no disposition of them.
  package static let unavoidable = [SIGKILL, SIGSTOP]
  /// Within that all processes have got a signal that was meant for all of them: a stop by the
  /// service manager, a shutdown of the host.
  package static let spread = Microseconds.milliseconds(100)

  /// From the first to the last that there is, the real-time ones among them.
  package static var all: ClosedRange<Int32> { 1...clinux_sigrtmax() }

  /// They wait until somebody reads them.
  package static func block(_ numbers: [Int32]) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    _ = unsafe sigprocmask(SIG_BLOCK, &set, nil)
  }

  package static func ignore(_ number: Int32) { clinux_ignore_signal(number) }
  package static func setDefault(_ number: Int32) { clinux_default_signal(number) }

  /// The corresponding C function is `kill`; a negative `process` names a process group.
  package static func send(_ number: Int32, to process: Int32) throws(Errno) {
    try systemCall { clinux_kill(process, number) }
  }

  /// The name of a signal in log lines: `Killed`, `Segmentation fault`.
  package static func description(_ number: Int32) -> String {
    guard let text = unsafe strsignal(number) else { return "Unknown signal \(number)" }
    return unsafe String(cString: text)
  }
}
