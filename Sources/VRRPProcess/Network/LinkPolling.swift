import Configuration
import EventLoop
import Kernel
import Logging
import Primitives
import SystemIO

/// Polls the links of some interfaces (`linkbeat_interfaces`); what the kernel says of those is not
/// listened to.
final class LinkPolling: TimerHandler {
  private static let interval = Microseconds.seconds(1)

  private let loop: EventLoop
  private let log: Log
  private let interfaces: InterfaceTable
  private let found: (InterfaceIndex, Bool) -> Void
  private let probe: LinkProbe
  private lazy var timer = loop.makeTimer(self)
  private var methods: [InterfaceIndex: LinkProbe.Method] = [:]

  /// `found` is told of each link at each poll.
  init(
    loop: EventLoop, log: Log, interfaces: InterfaceTable,
    found: @escaping (InterfaceIndex, Bool) -> Void
  ) throws(Errno) {
    self.loop = loop
    self.log = log
    self.interfaces = interfaces
    self.found = found
    probe = try LinkProbe()
  }

  func isPolled(_ number: InterfaceIndex) -> Bool { methods[number] != nil }

  /// Takes over the interfaces of a configuration. What is polled from now on is up if its link is.
  func replace(_ configuration: Configuration) {
    let old = methods
    methods = [:]
    for line in configuration.vrrp.linkbeatInterfaces {
      choose(
        interfaces.number(named: line.interface), LinkProbe.Method(rawValue: line.method.rawValue))
    }
    for instance in configuration.vrrp.instances {
      guard let name = instance.interface,
        instance.linkbeatUsePolling || configuration.global.linkbeatUsePolling
      else { continue }
      let number = interfaces.number(named: name)
      if methods[number] == nil { choose(number, nil) }
    }
    for number in methods.keys where old[number] == nil {
      interfaces[number].isUp = isUp(number)
    }
    if methods.isEmpty { loop.disarm(timer) } else { arm(Clock.now) }
  }

  func stop() { loop.disarm(timer) }

  /// The configured method if it works, else the first one that does.
  private func choose(_ number: InterfaceIndex, _ wanted: LinkProbe.Method?) {
    let name = interfaces.name(number)
    let isWorking = { (method: LinkProbe.Method) in self.probe.link(of: name, by: method) != nil }
    if let wanted, isWorking(wanted) {
      methods[number] = wanted
      return
    }
    let method = LinkProbe.Method.allCases.first(where: isWorking) ?? .ioctl
    if let wanted {
      log.info(
        "(\(name)): Configured linkbeat type \(wanted.rawValue) not supported,"
          + " using \(method.rawValue)"
      )
    }
    methods[number] = method
  }

  private func isUp(_ number: InterfaceIndex) -> Bool {
    guard let method = methods[number], interfaces[number].link != nil else { return false }
    let name = interfaces.name(number)
    return probe.link(of: name, by: method) ?? false && probe.isUp(name)
  }

  private func arm(_ now: Instant) { loop.arm(timer, at: now + Self.interval) }

  func timerFired(token: Int, at now: Instant) {
    arm(now)
    for number in methods.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      found(number, isUp(number))
    }
  }
}
