import Primitives
import VRRP

/// One machine: a process that may run, hang or be gone.
struct SimulatedNode {
  var configuration: Scenario.NodeConfiguration
  var process: VirtualRouters?
  var table: ReceiveTable?
  /// Stopped by SIGSTOP; packets wait in the socket.
  var isSuspended = false
  var inbox: [[UInt8]] = []
  var isLinkUp = true
  /// Time of day minus monotonic time.
  var clockOffset: Int64 = 1_000_000
  /// Its kernel stands still too, as in a virtual machine that is paused: what comes is lost.
  var isDeaf = false
  /// How often one of its routers became MASTER.
  var masterships = 0
  /// Advertisements that it has sent.
  var sent = 0
  /// Addresses on the interface, as the effects say.
  var held: [Bool]

  init(_ configuration: Scenario.NodeConfiguration) {
    self.configuration = configuration
    held = Array(repeating: false, count: configuration.routers.count)
  }

  func wallClock(_ now: Instant) -> WallClock {
    let time = max(0, now.microseconds) + max(0, clockOffset) * 1_000_000
    return WallClock(
      seconds: UInt32(truncatingIfNeeded: time / 1_000_000),
      nanoseconds: UInt32(truncatingIfNeeded: time % 1_000_000) * 1000)
  }

  var isRunning: Bool { process != nil && !isSuspended }

  /// The next deadline of its routers.
  var deadline: Instant? {
    guard !isSuspended, let process else { return nil }
    var first: Instant?
    for index in process.routers.indices {
      guard let deadline = process.routers[index].deadline else { continue }
      if first.map({ deadline < $0 }) ?? true { first = deadline }
    }
    return first
  }
}
