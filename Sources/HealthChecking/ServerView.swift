package import Configuration

/// What dumps, SNMP, D-Bus and metrics read of a virtual server. Nothing of it acts.
package struct VirtualServerView: Hashable, Sendable {
  package let definition: VirtualServer
  package let name: String
  package let hasQuorum: Bool
  package let usesSorryServer: Bool
  /// In the order of the configuration.
  package let realServers: [RealServerView]
  /// What IPVS shall hold.
  package let pool: [PoolMember]
}

/// What is read of a real server.
package struct RealServerView: Hashable, Sendable {
  package let definition: RealServer
  package let name: String
  package let isAlive: Bool
  /// As its checkers have it now.
  package let weight: UInt32
  /// In the order of the configuration.
  package let checkers: [CheckerView]
}

/// What is read of a checker.
package struct CheckerView: Hashable, Sendable {
  package let definition: Checker
  package let isUp: Bool
  /// Whether an attempt has ended.
  package let hasRun: Bool
  /// False while the addresses that it waits for are not here (`ha_suspend`).
  package let isEnabled: Bool
  /// Failures in a row.
  package let failures: UInt64
}

extension HealthChecks {
  /// All virtual servers, in the order of their indices.
  package var views: [VirtualServerView] {
    virtualServers.indices.map { index in
      let service = virtualServers[index]
      return VirtualServerView(
        definition: service.definition, name: service.name, hasQuorum: service.hasQuorum,
        usesSorryServer: service.usesSorryServer,
        realServers: service.servers.map(realServerView),
        pool: pool(VirtualServerIndex(rawValue: index)))
    }
  }

  private func realServerView(_ index: Int) -> RealServerView {
    let server = realServers[index]
    return RealServerView(
      definition: server.definition, name: server.name, isAlive: server.isAlive,
      weight: effectiveWeight(index),
      checkers: server.checkers.map { index in
        let checker = checkers[index]
        return CheckerView(
          definition: checker.definition, isUp: checker.isUp, hasRun: checker.hasRun,
          isEnabled: checker.isEnabled, failures: checker.failures)
      })
  }
}
