package import CLinux
package import Primitives

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
  case exited(Int32)
  case signalled(Int32)

  init(waitStatus: Int32) {
    self =
      clinux_wifexited(waitStatus) != 0
      ? .exited(clinux_wexitstatus(waitStatus)) : .signalled(clinux_wtermsig(waitStatus))
  }
}

package enum Processes {
  package static var current: Int32 { getpid() }
  package static var parent: Int32 { getppid() }

  /// The corresponding C function is `fork`. Only while the process has one thread.
  package static func fork() throws(Errno) -> Int32 {
    _ = fflush(nil)
    return try systemCall { CLinux.fork() }
  }

  /// Ends the process at once: no exit handlers, no buffers written twice.
  package static func exit(_ status: Int32) -> Never { _exit(status) }

  /// A descriptor that becomes readable when the process ends.
  package static func open(_ process: Int32) throws(Errno) -> FileDescriptor {
    FileDescriptor(owning: try systemCall { clinux_pidfd_open(process) })
  }

  /// The status of a child that has ended, without waiting; nil while it runs.
  package static func reap(_ process: Int32) -> ExitStatus? {
    var status: Int32 = 0
    let result = unsafe waitpid(process, &status, WNOHANG)
    return result == process ? ExitStatus(waitStatus: status) : nil
  }

  /// A child that has ended and waits to be reaped.
  package static var ended: Int32? {
    let process = clinux_ended_child()
    return process > 0 ? process : nil
  }

  /// Ends this process when its parent ends, also when the parent already has.
  package static func endWithParent(_ expectedParent: Int32) {
    _ = clinux_set_parent_death_signal(SIGTERM)
    if getppid() != expectedParent { kill(getpid(), SIGTERM) }
  }

  package static func adoptOrphans() { _ = clinux_set_child_subreaper() }

  package static func setName(_ name: String) {
    _ = unsafe name.withCString { unsafe clinux_set_process_name($0) }
  }

  /// Leaves the terminal's session and directory for good.
  package static func detach() {
    _ = setsid()
    _ = unsafe chdir("/")
    redirectStandardStreams()
  }

  /// Opens what is closed of the standard streams: a file that got the number of one of them would
  /// be replaced in the background and in scripts.
  package static func completeStandardStreams() {
    while let null = try? FileDescriptor.open("/dev/null", O_RDWR), null.rawValue <= 2 {
      _ = clinux_fcntl(null.rawValue, F_SETFD, 0)
      null.leaveOpen()
    }
  }

  package static func redirectStandardStreams() {
    guard let null = try? FileDescriptor.open("/dev/null", O_RDWR) else { return }
    for stream in Int32(0)...2 { _ = dup2(null.rawValue, stream) }
  }
}

/// Scheduling and limits of this process.
package enum Resources {
  package static func setNice(_ value: Int32) throws(Errno) {
    try systemCall { setpriority(PRIO_PROCESS, 0, value) }
  }

  /// Round-robin real-time scheduling that children do not inherit; 0 returns to normal scheduling.
  package static func setRealTimePriority(_ priority: Int32) throws(Errno) {
    try systemCall { clinux_set_real_time(priority) }
  }

  package static func setAffinity(_ processors: [UInt32]) throws(Errno) {
    try systemCall {
      unsafe processors.withUnsafeBufferPointer {
        unsafe clinux_set_affinity($0.baseAddress, $0.count)
      }
    }
  }

  /// Keeps all pages in memory from the moment they are touched.
  package static func lockMemory() throws(Errno) {
    try systemCall { mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) }
  }

  package static func unlockMemory() { _ = munlockall() }

  /// Limits the processor time between two blocking calls of a real-time process.
  package static func setRealTimeLimit(microseconds: UInt64) throws(Errno) {
    try systemCall { clinux_limit_real_time(microseconds) }
  }

  package static func limit(_ resource: __rlimit_resource) -> rlimit {
    var limit = rlimit()
    _ = unsafe getrlimit(resource, &limit)
    return limit
  }

  /// Raises the number of descriptors that may be open; never lowers it. The limit in force.
  @discardableResult
  package static func raiseDescriptorLimit(to count: UInt) -> (current: UInt, most: UInt) {
    var limit = limit(RLIMIT_NOFILE)
    if limit.rlim_cur < count {
      limit.rlim_cur = count
      limit.rlim_max = max(limit.rlim_max, count)
      _ = unsafe setrlimit(RLIMIT_NOFILE, &limit)
    }
    return (limit.rlim_cur, limit.rlim_max)
  }

  package static func allowCoreDumps() {
    var limit = rlimit(rlim_cur: .max, rlim_max: .max)
    _ = unsafe setrlimit(RLIMIT_CORE, &limit)
  }

  /// User and system time of this process and of its ended children.
  package static func usage(ofChildren: Bool) -> (user: Microseconds, system: Microseconds) {
    var usage = rusage()
    _ = unsafe getrusage(ofChildren ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage)
    return (Microseconds(usage.ru_utime), Microseconds(usage.ru_stime))
  }
}

extension Microseconds {
  fileprivate init(_ time: timeval) {
    self = .seconds(Int64(time.tv_sec)) + Microseconds(Int64(time.tv_usec))
  }
}
