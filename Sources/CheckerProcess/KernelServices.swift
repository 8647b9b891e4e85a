import ChildProcess
import Configuration
import EventLoop
import HealthChecking
import IPVS
import Logging
import SystemIO

/// What IPVS holds because of the virtual servers: services, destinations, time-outs, daemons.
final class KernelServices {
  private let log: Log
  private let writer: ServiceTableWriter
  private let timeouts: IPVSTimeouts
  private let daemons: SyncDaemons
  /// The services of each virtual server.
  private var expansions: [ServiceExpansion] = []

  init(_ configuration: Configuration, loop: EventLoop, log: Log) throws(IPVSChannel.Failure) {
    self.log = log
    let channel = try IPVSChannel(namespaceFile: configuration.global.netNamespaceIPVS.file)
    writer = ServiceTableWriter(channel, loop: loop, log: log)
    timeouts = IPVSTimeouts(channel, log: log)
    daemons = SyncDaemons(channel, log: log)
    adopt(configuration)
    if configuration.global.lvs.flush { writer.flush() }
  }

  /// Takes over what does not depend on health; also of a new configuration.
  func adopt(_ configuration: Configuration) {
    timeouts.apply(configuration.global.lvs)
    daemons.apply(configuration.global.lvs.syncDaemon)
    expansions = configuration.lvs.virtualServers.map { server in
      let expansion = ServiceExpansion(server, groups: configuration.lvs.groups)
      if expansion.isCut {
        log.error(
          "\(DisplayName.of(server)): more than \(ServiceExpansion.limit) addresses"
            + " - those beyond are not served")
      }
      return expansion
    }
  }

  /// All services of a configuration.
  func replace(_ core: HealthChecks) {
    writer.wantOnly(
      expansions.indices.map { services(VirtualServerIndex(rawValue: $0), of: core) })
    writer.commit()
  }

  /// The services of one virtual server.
  func update(_ index: VirtualServerIndex, of core: HealthChecks) {
    writer.want(services(index, of: core), for: index.rawValue)
    writer.commit()
  }

  private func services(
    _ index: VirtualServerIndex, of core: HealthChecks
  ) -> [WantedService] {
    guard expansions.indices.contains(index.rawValue),
      core.virtualServers.indices.contains(index.rawValue)
    else { return [] }
    let definition = core.virtualServers[index.rawValue].definition
    let destinations = core.pool(index).compactMap { member -> Destination? in
      switch member.server {
      case .real(let place):
        Destination(definition.realServers[place], weight: member.weight)
      case .sorry: definition.sorryServer.map { Destination($0, weight: member.weight) }
      }
    }
    return expansions[index.rawValue].wanting(destinations)
  }

  // MARK: Stop

  func clear(_ mode: LVSGlobals.FlushOnStop) {
    writer.wantOnly([])
    if mode == .full { writer.flush() } else { writer.commit() }
  }

  /// Daemons and time-outs.
  func restore() {
    daemons.stop()
    timeouts.restore()
  }
}

extension CheckerProcess {
  /// Opens IPVS if there is something to serve; false if that failed.
  func openKernel() -> Bool {
    guard !context.configuration.lvs.virtualServers.isEmpty else { return true }
    log.debug("Initializing ipvs")
    do throws(IPVSChannel.Failure) {
      kernel = try KernelServices(context.configuration, loop: loop, log: log)
      return true
    } catch {
      log.error("IPVS: Can't initialize ipvs: \(error.text)")
      return false
    }
  }
}
