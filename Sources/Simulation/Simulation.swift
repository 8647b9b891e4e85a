// This target runs the real cores against each other, on a virtual clock.
//
// `Simulation` has nodes (`SimulatedNode`) with the virtual routers of one `Scenario` on a network
// that loses, doubles, delays and parts (`SimulatedNetwork`). `SessionSimulation` does so with BFD,
// and `HealthCheckSimulation` with health checks under random results. The effects of a core are
// carried out here as the process would, and what each rule promises is checked: one master in each
// partition, detection in the negotiated time, a pool that follows from the checks.
//
// One seed decides everything (`RandomSource`): configurations, faults and their times. A fault
// that a run has found is found again by its seed, and the journal says what led to it.
//
// What must never happen: a number from elsewhere than the seed (a clock, the order of a hash
// table); a run that checks nothing; a rule that is relaxed so that a seed passes.

package import Primitives
import VRRP

/// Real cores on a virtual clock and a bad network. The seed decides everything.
package struct Simulation {
  package let seed: UInt64
  package private(set) var scenario: Scenario
  package private(set) var now = Instant.zero
  var random: RandomSource
  var network: SimulatedNetwork
  var nodes: [SimulatedNode]
  private let authenticator = SimulatedAuthenticator()
  /// What has happened, if it is wanted.
  package private(set) var journal: [String] = []
  private let keepsJournal: Bool

  package init(seed: UInt64, keepsJournal: Bool = false) {
    self.seed = seed
    self.keepsJournal = keepsJournal
    random = RandomSource(seed: seed)
    scenario = Scenario(&random)
    network = SimulatedNetwork(nodes: scenario.nodes.count)
    nodes = scenario.nodes.map { SimulatedNode($0) }
  }

  // MARK: Running

  /// Faults of all kinds for a while, then peace; what is wrong then, if anything.
  package mutating func runChaos() -> String? {
    for node in nodes.indices { start(node) }
    network.lossPercent = random.number(0...40)
    network.duplicationPercent = random.number(0...10)
    network.delay = 100...Int64(random.number(1_000...300_000))
    let end = now + scenario.slowestInterval * 15
    while now < end {
      run(until: now + random.time(0...scenario.slowestInterval.count * 2))
      disturb()
    }
    calm()
    run(until: now + scenario.slowestInterval * 16 + .seconds(3))
    if let fault = fault() { return fault }
    // Peace must last.
    run(until: now + scenario.slowestInterval * 2)
    return fault()
  }

  /// A MASTER stops in peace. Says how long nobody was, and how long that may be.
  package mutating func runHandover() -> (gap: Microseconds, bound: Microseconds)? {
    // In order: an advertisement after its sender's priority 0 would look like a new MASTER.
    network.delay = 500...500
    for node in nodes.indices { start(node) }
    run(until: now + scenario.slowestInterval * 16 + .seconds(3))
    guard let master = nodes.indices.first(where: { isMaster($0, 0) }) else { return nil }
    let stop = now
    let skews = nodes.indices.filter { $0 != master }.map { node -> Microseconds in
      guard let process = nodes[node].process else { return .max }
      return process.routers.map(\.skewTime).max() ?? .max
    }
    shutDown(master)
    let bound = (skews.min() ?? .max) + Microseconds(5_000)
    while now < stop + .seconds(10) {
      if (0..<scenario.virtualRouters).allSatisfy({ router in
        nodes.indices.contains { isMaster($0, router) }
      }) {
        return (now - stop, bound)
      }
      guard let next = nextEvent else { break }
      run(until: next)
    }
    return (now - stop, bound)
  }

  private var nextEvent: Instant? {
    var next = network.nextArrival
    for index in nodes.indices {
      guard let deadline = nodes[index].deadline else { continue }
      if next.map({ deadline < $0 }) ?? true { next = deadline }
    }
    return next.map { max($0, now) }
  }

  mutating func run(until end: Instant) {
    while let next = nextEvent, next <= end {
      now = next
      if let arrival = network.nextArrival, arrival <= now, let packet = network.take() {
        deliver(packet.octets, to: packet.destination)
        continue
      }
      for index in nodes.indices {
        guard let deadline = nodes[index].deadline, deadline <= now else { continue }
        fireTimers(of: index)
        break
      }
    }
    now = end
  }

  mutating func deliver(_ octets: [UInt8], to node: Int) {
    guard nodes[node].process != nil, nodes[node].isLinkUp else { return }
    guard !nodes[node].isSuspended else {
      if !nodes[node].isDeaf { nodes[node].inbox.append(octets) }
      return
    }
    guard let table = nodes[node].table else { return }
    var effects: [Effect] = []
    let clock = nodes[node].wallClock(now)
    _ = nodes[node].process?.receive(
      octets.span, from: ReceiveMetadata(source: .ipv4(.any)), on: table, at: now,
      wallClock: clock, into: &effects)
    perform(effects, of: node)
  }

  mutating func fireTimers(of node: Int) {
    var effects: [Effect] = []
    for router in nodes[node].configuration.routers.indices {
      nodes[node].process?.timerFired(
        router: RouterIndex(rawValue: router), at: now, into: &effects)
    }
    perform(effects, of: node)
  }

  mutating func perform(_ effects: [Effect], of node: Int) {
    for effect in effects {
      guard case .router(let router, let effect) = effect else { continue }
      switch effect {
      case .sendAdvertisement(let stamp):
        note(node, "sends \(stamp.priority.rawValue) of \(router.rawValue)")
        nodes[node].sent += 1
        send(stamp, of: router, from: node)
      case .addAddresses:
        nodes[node].held[router.rawValue] = true
        nodes[node].masterships += 1
      case .removeAddresses: nodes[node].held[router.rawValue] = false
      case .log(let trace):
        if keepsJournal { note(node, trace.message("VI_\(router.rawValue)") { _ in "eth0" }) }
      case .addFirewallElements, .addExcludedAddresses, .addRoutes, .addRules, .removeRules,
        .removeRoutes, .removeExcludedAddresses, .removeFirewallElements, .removeLeftovers,
        .replaceAddresses, .drainNetlink, .sendGratuitous, .notify, .notifyRemoved, .writeState,
        .notifyPriority, .notifyLowerPriority, .startSyncDaemonMaster, .startSyncDaemonBackup,
        .limitDebounce, .deadline:
        break
      }
    }
  }

  private mutating func send(_ stamp: AdvertisementStamp, of router: RouterIndex, from node: Int) {
    guard nodes[node].isLinkUp, nodes[node].process != nil else { return }
    let clock = nodes[node].wallClock(now)
    let octets = nodes[node].process?.withAdvertisement(
      stamp, of: router, to: .ipv4(RouterConfiguration.ipv4Group), wallClock: clock
    ) { span in
      var copy: [UInt8] = []
      copy.reserveCapacity(span.count)
      for index in span.indices { copy.append(span[index]) }
      return copy
    }
    guard let octets else { return }
    network.multicast(octets, from: node, at: now, &random)
  }

  mutating func note(_ node: Int, _ text: @autoclosure () -> String) {
    if keepsJournal { journal.append("\(now.microseconds) node \(node): \(text())") }
  }

  // MARK: Disturbances

  mutating func start(_ node: Int) {
    guard nodes[node].process == nil else { return }
    note(node, "starts")
    var configuration = nodes[node].configuration
    for index in configuration.routers.indices {
      configuration.routers[index].trackings[0].status = nodes[node].isLinkUp ? .up : .down
    }
    var process = VirtualRouters(
      routers: configuration.routers, groups: configuration.groups, options: ProtocolOptions(),
      authenticator: authenticator)
    nodes[node].table = process.receiveTable(.ipv4, sharedBy: process.routers.map(\.index))
    nodes[node].held = nodes[node].held.map { _ in false }
    nodes[node].inbox = []
    nodes[node].isSuspended = false
    var effects: [Effect] = []
    process.start(at: now, into: &effects)
    nodes[node].process = process
    perform(effects, of: node)
  }

  private mutating func crash(_ node: Int) {
    note(node, "crashes")
    nodes[node].process = nil
    nodes[node].isSuspended = false
  }

  private mutating func shutDown(_ node: Int) {
    guard nodes[node].isRunning else { return }
    note(node, "shuts down")
    var effects: [Effect] = []
    nodes[node].process?.shutdown(at: now, into: &effects)
    perform(effects, of: node)
    nodes[node].process = nil
  }

  mutating func suspend(_ node: Int) {
    guard nodes[node].isRunning else { return }
    note(node, "is suspended")
    nodes[node].isSuspended = true
  }

  /// As its loop does: the process hears how late it is, reads what waits, then its timers fire.
  mutating func resume(_ node: Int) {
    guard nodes[node].isSuspended else { return }
    note(node, "goes on")
    nodes[node].isSuspended = false
    nodes[node].isDeaf = false
    var turn = Turn(at: now, firstDeadline: nodes[node].deadline)
    if turn.lateness >= Turn.standstill {
      var effects: [Effect] = []
      nodes[node].process?.wokeLate(by: turn.lateness, at: now, into: &effects)
      perform(effects, of: node)
    }
    // The wait may have been interrupted, and tells nothing then.
    if random.chance(50) { _ = read(node) }
    var found: Int?
    while turn.next(found: found) == .readMore { found = read(node) }
    fireTimers(of: node)
    while read(node) > 0 {}
  }

  /// A part of what waits, as from one reading of a socket; how much.
  private mutating func read(_ node: Int) -> Int {
    let count = min(nodes[node].inbox.count, random.number(1...8))
    let packets = nodes[node].inbox.prefix(count)
    nodes[node].inbox.removeFirst(count)
    for octets in packets { deliver(octets, to: node) }
    return count
  }

  private mutating func setLink(_ node: Int, isUp: Bool) {
    guard nodes[node].isLinkUp != isUp, !nodes[node].isSuspended else { return }
    note(node, isUp ? "link up" : "link down")
    if isUp { nodes[node].isLinkUp = true }
    var effects: [Effect] = []
    nodes[node].process?.trackerChanged(
      Scenario.link, isUp ? .up : .down, at: now, into: &effects)
    perform(effects, of: node)
    nodes[node].isLinkUp = isUp
  }

  private mutating func removeAddress(_ node: Int) {
    let router = random.number(0...(scenario.virtualRouters - 1))
    guard nodes[node].isRunning, nodes[node].held[router] else { return }
    note(node, "loses the address of \(router)")
    var effects: [Effect] = []
    nodes[node].process?.handle(
      .addressRemoved(.virtual(0)), router: RouterIndex(rawValue: router), at: now,
      into: &effects)
    perform(effects, of: node)
  }

  private mutating func reload(_ node: Int) {
    guard nodes[node].isRunning, let process = nodes[node].process else { return }
    note(node, "reloads")
    var configuration = nodes[node].configuration
    for index in configuration.routers.indices {
      configuration.routers[index].trackings[0].status = nodes[node].isLinkUp ? .up : .down
    }
    let plan = process.plan(
      routers: configuration.routers, groups: configuration.groups, options: ProtocolOptions())
    var effects: [Effect] = []
    nodes[node].process?.beginReload(plan, at: now, into: &effects)
    perform(effects, of: node)
    effects = []
    nodes[node].process?.finishReload(plan, at: now, into: &effects)
    perform(effects, of: node)
  }

  private mutating func disturb() {
    let node = random.number(0...(nodes.count - 1))
    switch random.number(0...10) {
    case 0: crash(node)
    case 1: start(node)
    case 2: shutDown(node)
    case 3: suspend(node)
    case 4: resume(node)
    case 5:
      for index in nodes.indices { network.partition[index] = random.number(0...1) }
    case 6: for index in nodes.indices { network.partition[index] = 0 }
    case 7: setLink(node, isUp: false)
    case 8: setLink(node, isUp: true)
    case 9: removeAddress(node)
    default:
      if random.chance(50) {
        reload(node)
      } else {
        let step = random.number(scenario.toleratesClockSteps ? -5000...5000 : 0...10)
        nodes[node].clockOffset += Int64(step)
        note(node, "clock steps by \(step) s")
      }
    }
  }

  /// Nothing breaks any more. What is broken for good stays so, a partition for example.
  private mutating func calm() {
    network.lossPercent = 0
    network.duplicationPercent = 0
    network.delay = 100...2000
    for node in nodes.indices {
      resume(node)
      if random.chance(70) { start(node) }
      if random.chance(70) { setLink(node, isUp: true) }
    }
    if random.chance(70) {
      for index in nodes.indices { network.partition[index] = 0 }
    }
  }

  // MARK: Invariants

  func isMaster(_ node: Int, _ router: Int) -> Bool {
    nodes[node].process?.routers[router].state == .master
  }

  /// What is wrong now.
  func fault() -> String? {
    for partition in 0...1 {
      let inside = nodes.indices.filter {
        network.partition[$0] == partition && nodes[$0].isRunning && nodes[$0].isLinkUp
      }
      guard !inside.isEmpty else { continue }
      for router in 0..<scenario.virtualRouters {
        let masters = inside.filter { isMaster($0, router) }
        if masters.count != 1 {
          return "router \(router) has masters \(masters) in partition \(inside)"
        }
      }
    }
    for node in nodes.indices {
      guard let process = nodes[node].process else { continue }
      let masters = process.routers.filter { $0.state == .master }.count
      if !process.groups.isEmpty && masters != 0 && masters != process.routers.count {
        return "node \(node) is half master"
      }
      if !nodes[node].isLinkUp && masters > 0 { return "node \(node) is master without a link" }
      for router in process.routers.indices
      where nodes[node].held[router] != (process.routers[router].state == .master) {
        return "node \(node) holds the address of \(router) in \(process.routers[router].state)"
      }
    }
    return nil
  }
}
