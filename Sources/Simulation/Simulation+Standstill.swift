import Primitives
import VRRP

/// Processes that stand still while the network is in peace.
extension Simulation {
  /// One process after the other stands still; nobody may become MASTER because it could not hear,
  /// and a MASTER that was replaced meanwhile yields before it says a word. Says what is wrong, if
  /// anything.
  package mutating func runStandstills() -> String? {
    network.delay = 100...2000
    for node in nodes.indices { start(node) }
    settle()
    for _ in 0..<6 {
      if let fault = fault() { return fault }
      let node = random.number(0...(nodes.count - 1))
      let isMaster = (0..<scenario.virtualRouters).contains { self.isMaster(node, $0) }
      if let fault = isMaster ? pauseMaster(node) : pauseBackup(node) { return fault }
      settle()
    }
    return fault()
  }

  private mutating func settle() {
    run(until: now + scenario.slowestInterval * 16 + .seconds(3))
  }

  private mutating func pauseBackup(_ node: Int) -> String? {
    let masterships = nodes.map(\.masterships)
    suspend(node)
    nodes[node].isDeaf = random.chance(30)
    let isDeaf = nodes[node].isDeaf
    let deadline = nodes[node].process?.routers.compactMap(\.electionDeadline).min()
    run(until: now + random.time(0...scenario.slowestInterval.count * 6))
    // Who wakes up before that cannot know that more was lost than a network may lose.
    if isDeaf, let deadline { run(until: max(now, deadline + .milliseconds(100))) }
    resume(node)
    run(until: now + scenario.slowestInterval * 2)
    return nodes.map(\.masterships) == masterships
      ? nil : "a pause of node \(node) before \(now.microseconds) made another MASTER"
  }

  private mutating func pauseMaster(_ node: Int) -> String? {
    let masterships = nodes.map(\.masterships)
    suspend(node)
    run(until: now + random.time(0...scenario.slowestInterval.count * 6))
    let successor = nodes.indices.first { other in
      other != node && (0..<scenario.virtualRouters).allSatisfy { isMaster(other, $0) }
    }
    // Whoever was MASTER in between is answered, for all that is known by then.
    let changed = nodes.indices.filter { nodes[$0].masterships != masterships[$0] }
    let sent = nodes[node].sent
    resume(node)
    guard let successor, changed == [successor], nodes[successor].isAhead(of: nodes[node]),
      !nodes[node].answersHigherPriority, nodes[node].sent != sent
    else { return nil }
    return "node \(node) spoke before it listened, before \(now.microseconds)"
  }
}

extension SimulatedNode {
  /// Whether each of its routers wins against the other's.
  fileprivate func isAhead(of other: SimulatedNode) -> Bool {
    zip(configuration.routers, other.configuration.routers).allSatisfy {
      guard let ours = $0.interfaceSource, let theirs = $1.interfaceSource else { return false }
      return ($0.priority, ours) > ($1.priority, theirs)
    }
  }

  fileprivate var answersHigherPriority: Bool {
    configuration.routers.contains(where: \.higherPrioSendAdvert)
  }
}
