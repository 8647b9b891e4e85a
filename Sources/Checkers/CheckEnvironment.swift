package import EventLoop
package import Logging
package import Notification
import SystemIO

/// What the sessions of all checkers share.
package final class CheckEnvironment {
  package let loop: EventLoop
  package let log: Log
  let runner: ScriptRunner
  /// A datagram of any size, or as much of a stream.
  let buffer = ReceiveBuffer(capacity: 65536 + 1)
  var random = KernelRandom()
  var lastConnectError: Errno?

  package init(loop: EventLoop, log: Log, runner: ScriptRunner) {
    self.loop = loop
    self.log = log
    self.runner = runner
  }
}
