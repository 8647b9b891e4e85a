import Configuration
import Primitives

/// The quorum of a virtual server, and what IPVS holds.
extension HealthChecks {
  /// The weight of what is alive.
  func aliveWeight(_ index: Int) -> Int64 {
    var sum: Int64 = 0
    for server in virtualServers[index].servers where realServers[server].isAlive {
      sum += Int64(effectiveWeight(server))
    }
    return sum
  }

  mutating func evaluateQuorum(
    _ index: Int, isStart: Bool = false, into effects: inout [Effect]
  ) {
    let service = virtualServers[index]
    let weight = aliveWeight(index)
    let quorum = Int64(service.definition.quorum)
    let hysteresis = Int64(service.definition.hysteresis)
    if service.hasQuorum {
      if weight == 0 || weight < quorum - hysteresis {
        loseQuorum(index, weight, isStart: false, into: &effects)
      }
    } else if weight > 0 && weight >= quorum + hysteresis {
      gainQuorum(index, weight, into: &effects)
    } else if isStart && service.definition.sorryServer != nil && !service.usesSorryServer {
      loseQuorum(index, weight, isStart: true, into: &effects)
    }
  }

  private mutating func gainQuorum(_ index: Int, _ weight: Int64, into effects: inout [Effect]) {
    let service = virtualServers[index]
    let definition = service.definition
    effects.append(
      .log(
        .quorumGained(
          service: service.name, quorum: definition.quorum, hysteresis: definition.hysteresis,
          weight: weight)))
    virtualServers[index].hasQuorum = true
    if service.usesSorryServer {
      virtualServers[index].usesSorryServer = false
      effects.append(
        .log(
          .sorryServerUnused(
            server: service.sorryServerName, service: service.name,
            inhibits: definition.sorryServer?.inhibitsOnFailure ?? false)))
      effects.append(.log(.aliveServersAdded(service: service.name)))
      effects.append(.pool(VirtualServerIndex(rawValue: index)))
    }
    effects.append(.notifyVirtualServer(VirtualServerIndex(rawValue: index), isUp: true))
  }

  private mutating func loseQuorum(
    _ index: Int, _ weight: Int64, isStart: Bool, into effects: inout [Effect]
  ) {
    let service = virtualServers[index]
    let definition = service.definition
    effects.append(
      .log(
        .quorumLost(
          service: service.name, quorum: definition.quorum, hysteresis: definition.hysteresis,
          weight: weight, isStart: isStart)))
    virtualServers[index].hasQuorum = false
    if let sorry = definition.sorryServer, !service.usesSorryServer {
      virtualServers[index].usesSorryServer = true
      effects.append(
        .log(
          .sorryServerUsed(
            server: service.sorryServerName, service: service.name,
            inhibits: sorry.inhibitsOnFailure)))
      effects.append(.log(.aliveServersRemoved(service: service.name)))
      effects.append(.pool(VirtualServerIndex(rawValue: index)))
    }
    effects.append(.notifyVirtualServer(VirtualServerIndex(rawValue: index), isUp: false))
  }

  /// What IPVS shall hold of a virtual server, in the order of the configuration.
  package func pool(_ index: VirtualServerIndex) -> [PoolMember] {
    guard virtualServers.indices.contains(index.rawValue) else { return [] }
    let service = virtualServers[index.rawValue]
    var members: [PoolMember] = []
    members.reserveCapacity(service.servers.count + 1)
    for server in service.servers {
      let state = realServers[server]
      let place = server - service.servers.lowerBound
      if state.isAlive && !service.usesSorryServer {
        members.append(PoolMember(server: .real(place), weight: effectiveWeight(server)))
      } else if state.definition.inhibitsOnFailure {
        members.append(PoolMember(server: .real(place), weight: 0))
      }
    }
    guard let sorry = service.definition.sorryServer else { return members }
    if service.usesSorryServer {
      // As a real server that failed it may be there with weight 0.
      members.removeAll { isSorryServer($0, of: service) }
      members.append(PoolMember(server: .sorry, weight: 1))
    } else if sorry.inhibitsOnFailure && !sorry.isRealServer {
      members.append(PoolMember(server: .sorry, weight: 0))
    }
    return members
  }

  private func isSorryServer(_ member: PoolMember, of service: VirtualServerState) -> Bool {
    guard case .real(let place) = member.server, let sorry = service.definition.sorryServer else {
      return false
    }
    let server = service.definition.realServers[place]
    return server.address == sorry.address && server.port == sorry.port
  }
}
