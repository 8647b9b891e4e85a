package import SystemIO

/// Waits for the end of one child process.
package final class ChildWatch: ReadinessHandler {
  package let process: Int32
  private let loop: EventLoop
  private let descriptor: FileDescriptor
  private var watch: EventLoop.Watch?
  private var action: ((ExitStatus) -> Void)?

  /// `action` is called once, after the child was reaped. The loop holds the watch until then.
  package init(_ process: Int32, on loop: EventLoop, _ action: @escaping (ExitStatus) -> Void)
    throws(Errno)
  {
    self.process = process
    self.loop = loop
    self.action = action
    descriptor = try Processes.open(process)
    watch = try loop.watch(descriptor.rawValue, self)
    loop.children[process] = self
  }

  /// Readable says that the child has ended. If somebody else has reaped it nothing is known of
  /// how.
  package func ready(_ readiness: Readiness, token: Int) {
    let status = Processes.reap(process) ?? .exited(0)
    let action = action
    forget()
    action?(status)
  }

  /// The child's end is nobody's business any more.
  package func forget() {
    action = nil
    guard let watch else { return }
    loop.unwatch(watch)
    loop.children[process] = nil
    self.watch = nil
  }
}
