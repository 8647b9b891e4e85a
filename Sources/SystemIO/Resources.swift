package import CLinux
package import Primitives

/// Scheduling and limits of this process.
package enum Resources {
  package static var nice: Int32 { getpriority(PRIO_PROCESS, 0) }

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

  /// The processors that this process may run on.
  package static var affinity: [UInt32] {
    var processors = [UInt32](repeating: 0, count: Int(CLINUX_PROCESSORS_MAX))
    let count = unsafe processors.withUnsafeMutableBufferPointer {
      unsafe clinux_get_affinity($0.baseAddress, $0.count)
    }
    return Array(processors.prefix(count))
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

  package static var onlineProcessors: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

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
