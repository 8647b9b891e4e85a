import Configuration
import Primitives

/// The end of the program.
extension HealthChecks {
  /// What is told at the end, by `lvs_flush_on_stop`; the caller then clears IPVS.
  package mutating func stop(into effects: inout [Effect]) {
    for index in virtualServers.indices {
      if settings.flushOnStop == .off { shutDownServers(index, into: &effects) }
      // Compatibility: also one without a quorum is told to be down, once more.
      if virtualServers[index].definition.hasOmega {
        effects.append(.notifyVirtualServer(VirtualServerIndex(rawValue: index), isUp: false))
      }
      virtualServers[index].hasQuorum = false
    }
  }

  private mutating func shutDownServers(_ index: Int, into effects: inout [Effect]) {
    for server in virtualServers[index].servers {
      let names = names(ofServer: server)
      let state = realServers[server]
      effects.append(
        .log(
          .shuttingDown(
            server: names.server, service: names.service,
            isInhibited: state.definition.inhibitsOnFailure && !state.isAlive)))
      realServers[server].isAlive = false
      if state.isAlive && virtualServers[index].definition.hasOmega {
        effects.append(.notifyRealServer(RealServerIndex(rawValue: server), isUp: false))
      }
    }
  }
}
