import BFD
import Primitives
import Wire

/// Processes that stand still while the network is in peace.
extension SessionSimulation {
  /// One process after the other stands still, also for longer than it would wait for its
  /// neighbors: none of them is taken for dead that was there. Says what is wrong, if anything.
  package mutating func runStandstills() -> String? {
    for node in nodes.indices { start(node) }
    for _ in 0..<8 {
      run(until: now + scenario.recovery)
      if let fault = fault() { return fault }
      let node = random.number(0...(nodes.count - 1))
      if let fault = standStill(node) { return fault }
    }
    run(until: now + scenario.recovery)
    return fault()
  }

  private mutating func standStill(_ node: Int) -> String? {
    let times = nodes[node].ends.compactMap { session($0)?.detectionTime }
    guard let longest = times.max() else { return nil }
    nodes[node].isSuspended = true
    nodes[node].isDeaf = random.chance(30)
    let isDeaf = nodes[node].isDeaf
    run(until: now + random.time(0...longest.count * 2))
    // Less than this is within what a network may lose, for who has heard nothing.
    if isDeaf { run(until: now + longest + .seconds(1)) }
    // A neighbor that has noticed the standstill is down, and we are right to go down.
    let steady = nodes[node].ends.filter { session($0 ^ 1)?.state == .up }
    let before = steady.map { directions[$0].expirations }
    resume(node)
    run(until: now + (times.min() ?? longest) / 2)
    for (end, count) in zip(steady, before) where session(end ^ 1)?.state == .up {
      if directions[end].expirations != count {
        return "a pause of node \(node) before \(now.microseconds) took end \(end) down"
      }
    }
    return nil
  }
}
