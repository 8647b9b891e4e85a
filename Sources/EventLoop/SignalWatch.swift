package import SystemIO

/// Calls an action for each signal that comes in.
package final class SignalWatch: ReadinessHandler {
  private let signals: SignalDescriptor
  private let action: (Int32) -> Void

  /// Blocks `numbers` and reads them through the loop.
  package init(_ numbers: [Int32], on loop: EventLoop, _ action: @escaping (Int32) -> Void)
    throws(Errno)
  {
    signals = try SignalDescriptor(numbers)
    self.action = action
    _ = try loop.watch(signals.descriptor.rawValue, self)
  }

  package func ready(_ readiness: Readiness, token: Int) {
    while let number = signals.next() { action(number) }
  }
}
