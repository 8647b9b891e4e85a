package import Configuration
import IPVS
package import Primitives

/// A new configuration, taken over while servers go on serving.
///
/// What is the same in both keeps its state. IPVS follows from `pool`, so that only what differs is
/// sent to it. `activate` follows.
extension HealthChecks {
  /// `files`: the values of the new configuration's tracked files.
  package mutating func reload(
    _ configuration: LVSConfiguration, _ settings: Settings, files: [String: Int],
    addresses: [IPAddress: Int], into effects: inout [Effect]
  ) {
    let old = self
    self.settings = settings
    fileValues = files
    localAddresses = addresses
    assemble(configuration)
    var places: [VirtualServer.Identity: Int] = [:]
    for (place, service) in virtualServers.enumerated().reversed() {
      places[service.definition.identity] = place
    }
    for (place, service) in old.virtualServers.enumerated() {
      if let new = places.removeValue(forKey: service.definition.identity) {
        takeOver(new, from: place, of: old, into: &effects)
      } else {
        tellRemoved(place, of: old, into: &effects)
      }
    }
    readInitialFiles()
    // What the first failure decides at a start takes all retries now.
    for index in checkers.indices where !checkers[index].isKept && checkers[index].isUp {
      checkers[index].failures = 0
    }
    for index in virtualServers.indices {
      countLocalAddresses(index)
      putInService(index, into: &effects)
    }
  }

  private mutating func putInService(_ index: Int, into effects: inout [Effect]) {
    for server in virtualServers[index].servers {
      if realServers[server].isKept {
        settle(server, into: &effects)
      } else if heldDown(server) == 0 {
        realServers[server].isAlive = true
        if settings.notifiesAtStart {
          effects.append(.notifyRealServer(RealServerIndex(rawValue: server), isUp: true))
        }
      }
    }
    evaluateQuorum(index, isStart: true, into: &effects)
    effects.append(.pool(VirtualServerIndex(rawValue: index)))
  }

  // MARK: What is there no more

  private func tellRemoved(_ place: Int, of old: HealthChecks, into effects: inout [Effect]) {
    let service = old.virtualServers[place]
    if case .group(let name, _) = service.definition.service {
      effects.append(.log(.removingGroup(name)))
    } else {
      effects.append(.log(.removingVirtualServer(service.name)))
    }
    if settings.flushOnStop == .off {
      for server in service.servers { tellRemovedServer(server, of: old, into: &effects) }
    }
    if service.hasQuorum {
      effects.append(.notifyRemovedVirtualServer(VirtualServerIndex(rawValue: place)))
    }
  }

  private func tellRemovedServer(
    _ server: Int, of old: HealthChecks, into effects: inout [Effect]
  ) {
    let state = old.realServers[server]
    let names = old.names(ofServer: server)
    effects.append(
      .log(
        .removing(
          server: names.server, service: names.service,
          isInhibited: state.definition.inhibitsOnFailure && !state.isAlive)))
    if state.isAlive {
      effects.append(.notifyRemovedRealServer(RealServerIndex(rawValue: server)))
    }
  }

  // MARK: What stays

  private mutating func takeOver(
    _ new: Int, from place: Int, of old: HealthChecks, into effects: inout [Effect]
  ) {
    let service = old.virtualServers[place]
    virtualServers[new].hasQuorum = service.hasQuorum
    takeOverSorryServer(new, from: service, into: &effects)
    for server in service.servers {
      let definition = old.realServers[server].definition
      let kept = virtualServers[new].servers.first {
        !realServers[$0].isKept && realServers[$0].definition.address == definition.address
          && realServers[$0].definition.port == definition.port
      }
      if let kept {
        takeOverServer(kept, from: server, of: old, into: &effects)
      } else {
        effects.append(.log(.serverGone(old.realServers[server].name)))
        tellRemovedServer(server, of: old, into: &effects)
      }
    }
  }

  private mutating func takeOverSorryServer(
    _ new: Int, from old: VirtualServerState, into effects: inout [Effect]
  ) {
    guard old.usesSorryServer, let before = old.definition.sorryServer else { return }
    let after = virtualServers[new].definition.sorryServer
    if let after, after.address == before.address, after.port == before.port {
      virtualServers[new].usesSorryServer = true
      return
    }
    effects.append(
      .log(
        .sorryServerUnused(server: old.sorryServerName, service: old.name, inhibits: false)))
    if after == nil { effects.append(.log(.aliveServersAdded(service: old.name))) }
  }

  private mutating func takeOverServer(
    _ new: Int, from place: Int, of old: HealthChecks, into effects: inout [Effect]
  ) {
    realServers[new].isKept = true
    realServers[new].isAlive = old.realServers[place].isAlive
    var candidates = Array(old.realServers[place].checkers)
    for checker in realServers[new].checkers {
      let identity = checkers[checker].definition.kind.identity
      guard
        let match = candidates.firstIndex(where: {
          old.checkers[$0].definition.kind.identity == identity
        })
      else { continue }
      let weight = realServers[new].definition.weight
      checkers[checker].takeOver(old.checkers[candidates[match]], configuredWeight: weight)
      candidates.remove(at: match)
    }
    beginNewCheckers(new)
    let before = old.effectiveWeight(place)
    let after = effectiveWeight(new)
    if before != after {
      let names = names(ofServer: new)
      effects.append(
        .log(
          .weightChanged(
            server: names.server, service: names.service, from: before, to: after,
            isAlive: realServers[new].isAlive)))
    }
  }

  /// New checkers of a server that was there count it as up, unless others know already that it is
  /// down. One that cannot run does not bring up a server that was down.
  private mutating func beginNewCheckers(_ server: Int) {
    let all = realServers[server].checkers
    let isAlive = realServers[server].isAlive
    let isHeldDown = all.contains { checkers[$0].isKept && !checkers[$0].isUp }
    let isDown = isHeldDown || (!isAlive && !all.contains { checkers[$0].hasRun })
    for checker in all where !checkers[checker].isKept {
      let isAlpha = checkers[checker].definition.isAlpha && isDown
      let isBlind = !checkers[checker].canRun && !isAlive && !isHeldDown
      checkers[checker].isUp = !isAlpha && !isBlind
    }
  }
}

extension CheckerState {
  fileprivate mutating func takeOver(_ old: CheckerState, configuredWeight: UInt32) {
    isKept = true
    isUp = old.isUp
    hasRun = old.hasRun
    due = old.due
    let retry = UInt64(definition.retry)
    failures = isUp ? min(old.failures, retry) : 0
    lastStatus = old.lastStatus
    postponement = old.postponement
    if case .http(let check) = definition.kind {
      http.failedURL = old.http.failedURL.flatMap { check.urls.indices.contains($0) ? $0 : nil }
      http.url = check.urls.indices.contains(old.http.url) ? old.http.url : 0
    }
    if case .misc(let check) = definition.kind, check.isDynamic, isUp, let status = lastStatus,
      status > 1
    {
      contribution = Int64(status) - 2 - Int64(configuredWeight)
    }
  }
}

extension VirtualServer {
  /// What makes it the same service, whatever else is different.
  fileprivate struct Identity: Hashable {
    var service: Service
    var transport: TransportProtocol?
    var family: AddressFamily?
  }

  fileprivate var identity: Identity {
    switch service {
    case .address: Identity(service: service, transport: transport)
    case .mark: Identity(service: service, family: family)
    case .group: Identity(service: service)
    }
  }
}

extension Checker.Kind {
  /// What has to be equal for the state of a check to be taken over.
  fileprivate var identity: Checker.Kind {
    switch self {
    case .http(let check):
      var identity = check
      identity.version = .http10
      identity.hasFastRecovery = false
      identity.isTLSCompliant = false
      for index in identity.urls.indices { identity.urls[index].isTLSCompliant = false }
      return .http(identity)
    case .udp(let check):
      return .udp(UDPCheck(connection: check.connection, payload: []))
    case .misc(let check):
      var identity = check
      identity.timeout = .zero
      // What is found out of the script differs when it is gone: the check is the same.
      identity.script = nil
      return .misc(identity)
    case .file(let check):
      return .file(FileCheck(trackFile: check.trackFile, weight: 0, isReversed: false))
    case .tcp, .smtp, .dns, .ping, .bfd: return self
    }
  }
}
