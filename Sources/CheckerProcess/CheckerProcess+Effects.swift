import Configuration
import EventLoop
import HealthChecking
import Host
import Logging
import Notification
import Primitives
import ProcessFrame
import SystemIO

/// Carries out what the core decided, in order.
extension CheckerProcess {
  func perform() { effects.perform { perform($0) } }

  private func perform(_ effect: Effect) {
    switch effect {
    case .begin(let checker, let url): begin(checker.rawValue, url: url)
    case .deadline(let checker, let due): loop.arm(timers[checker.rawValue], at: due)
    case .pool(let index):
      if !isInstalling { kernel?.update(index, of: core) }
    case .notifyRealServer(let index, let isUp):
      notify(core.realServers[index.rawValue], isUp: isUp, in: core)
    case .notifyVirtualServer(let index, let isUp):
      notify(core.virtualServers[index.rawValue], isUp: isUp)
    case .notifyRemovedRealServer(let index):
      if let oldCore { notify(oldCore.realServers[index.rawValue], isUp: false, in: oldCore) }
    case .notifyRemovedVirtualServer(let index):
      if let oldCore { notify(oldCore.virtualServers[index.rawValue], isUp: false) }
    case .log(let trace): write(trace)
    }
  }

  private func write(_ trace: CheckTrace) {
    switch trace.level {
    case .normal: log.info(trace.message)
    case .detail: log.detail(trace.message)
    }
  }

  // MARK: Notifications

  private func notify(_ server: RealServerState, isUp: Bool, in core: HealthChecks) {
    let service = core.virtualServers[server.virtualServer.rawValue].name
    announce(.realServer(server.definition, name: server.name, service: service), isUp: isUp)
  }

  private func notify(_ service: VirtualServerState, isUp: Bool) {
    announce(.virtualServer(service.definition, name: service.name), isUp: isUp)
  }

  private func announce(_ subject: ServerSubject, isUp: Bool) {
    announcer.announce(
      Announcement(
        subject, from: isUp ? .down : .up, to: isUp ? .up : .down,
        reason: isStopping ? .stop : nil, at: loop.now))
  }
}
