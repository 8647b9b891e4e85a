import Configuration
import Primitives

/// From the verdicts of checkers to the state of a real server.
extension HealthChecks {
  /// How many of the server's checkers hold it down.
  func heldDown(_ server: Int) -> Int {
    var count = 0
    for checker in realServers[server].checkers where !checkers[checker].isUp { count += 1 }
    return count
  }

  mutating func apply(_ isUp: Bool, by checker: Int, into effects: inout [Effect]) {
    let server = checkers[checker].server.rawValue
    if checkers[checker].isUp == isUp {
      // The first opinion of a checker that agrees with what was supposed.
      if !checkers[checker].hasRun && (checkers[checker].definition.isAlpha || !isUp) {
        effects.append(
          .notifyRealServer(checkers[checker].server, isUp: realServers[server].isAlive))
      }
      checkers[checker].hasRun = true
      return
    }
    checkers[checker].hasRun = true
    checkers[checker].isUp = isUp
    settle(server, into: &effects)
  }

  /// The server is alive if no checker holds it down.
  mutating func settle(_ server: Int, into effects: inout [Effect]) {
    let isAlive = heldDown(server) == 0
    guard realServers[server].isAlive != isAlive else { return }
    let index = realServers[server].virtualServer.rawValue
    let names = names(ofServer: server)
    let inhibits = realServers[server].definition.inhibitsOnFailure
    effects.append(
      .log(
        isAlive
          ? .serverUp(server: names.server, service: names.service, inhibits: inhibits)
          : .serverDown(server: names.server, service: names.service, inhibits: inhibits)))
    realServers[server].isAlive = isAlive
    effects.append(.pool(VirtualServerIndex(rawValue: index)))
    effects.append(.notifyRealServer(RealServerIndex(rawValue: server), isUp: isAlive))
    evaluateQuorum(index, into: &effects)
  }

  // MARK: Weight

  /// What IPVS is given and the quorum counts.
  package func effectiveWeight(_ server: Int) -> UInt32 {
    var weight = Int64(realServers[server].definition.weight)
    for checker in realServers[server].checkers {
      weight = weight.addingSaturating(checkers[checker].contribution)
    }
    return UInt32(min(max(weight, 0), Int64(Int32.max)))
  }

  mutating func weightMayHaveChanged(
    _ server: Int, from old: UInt32, into effects: inout [Effect]
  ) {
    let new = effectiveWeight(server)
    guard new != old else { return }
    let names = names(ofServer: server)
    effects.append(
      .log(
        .weightChanged(
          server: names.server, service: names.service, from: old, to: new,
          isAlive: realServers[server].isAlive)))
    let index = realServers[server].virtualServer
    effects.append(.pool(index))
    evaluateQuorum(index.rawValue, into: &effects)
  }
}

extension Int64 {
  func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
