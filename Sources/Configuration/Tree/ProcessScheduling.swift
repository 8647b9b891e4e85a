package import Primitives

/// Scheduling and memory of one child process (`vrrp_priority`, `checker_no_swap` …).
package struct ProcessScheduling: Hashable, Sendable {
  /// Nice value; 0 leaves it alone.
  package var priority: Int8 = 0
  package var noSwap = false
  /// SCHED_RR priority 1…99; 0 is off.
  package var rtPriority: UInt8 = 0
  /// Processors to run on; empty is all.
  package var cpuAffinity: [UInt32] = []
  /// RLIMIT_RTTIME; nil sets none.
  package var rlimitRttime: Microseconds? = Microseconds(10_000)

  package init() {}
}
