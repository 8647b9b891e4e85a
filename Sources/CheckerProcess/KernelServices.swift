import Configuration
import EventLoop
import HealthChecking
import IPVS
import Kernel
import Logging
import ProcessFrame
import SystemIO
import VirtualServices

/// What IPVS holds because of the virtual servers: services, destinations, time-outs, daemons; and
/// what nftables holds to give packets the marks of groups.
final class KernelServices {
  private let log: Log
  private let writer: ServiceTableWriter
  private let timeouts: IPVSTimeouts
  private let daemons: SyncDaemons
  /// The services of each virtual server.
  private var expansions: [ServiceExpansion] = []
  private let markWriter: MarkTableWriter
  private var marks = GroupMarks()
  private var markTables: [MarkTable] = []

  init(_ configuration: Configuration, loop: EventLoop, log: Log) throws(IPVSChannel.Failure) {
    self.log = log
    let namespaceFile = configuration.global.netNamespaceIPVS.file
    let channel = try IPVSChannel(namespaceFile: namespaceFile)
    writer = ServiceTableWriter(channel, loop: loop, log: log)
    timeouts = IPVSTimeouts(channel, log: log)
    daemons = SyncDaemons(channel, log: log)
    markWriter = MarkTableWriter(
      NFTablesChannel(namespaceFile: namespaceFile), loop: loop, log: log)
    adopt(configuration)
    if configuration.global.lvs.flush { writer.flush() }
  }

  /// Takes over what does not depend on health; also of a new configuration.
  func adopt(_ configuration: Configuration) {
    timeouts.apply(configuration.global.lvs)
    daemons.apply(configuration.global.lvs.syncDaemon)
    let settings = configuration.global.nftablesIPVS
    marks.assign(configuration.lvs, from: settings?.startFwmark)
    markTables = MarkTable.tables(
      configuration.lvs, marks: marks, settings: settings,
      hasCounters: configuration.global.nftablesCounters)
    expansions = configuration.lvs.virtualServers.map { server in
      let expansion = ServiceExpansion(
        server, groups: configuration.lvs.groups, marks: marks)
      if expansion.isCut {
        log.error(
          "\(server.name): more than \(ServiceExpansion.limit) addresses"
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
    // Behind the services: a mark without one has no effect.
    markWriter.write(markTables)
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
    markWriter.write([])
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
