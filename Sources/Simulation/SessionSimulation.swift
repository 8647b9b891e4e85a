import BFD
package import Primitives
import Wire

/// Real BFD cores on a virtual clock and a bad network. The seed decides everything.
package struct SessionSimulation {
  package let seed: UInt64
  package private(set) var scenario: SessionScenario
  package private(set) var now = Instant.zero
  var random: RandomSource
  /// Only the queue of it: the destination is an end.
  var network = SimulatedNetwork(nodes: 0)
  var nodes: [SimulatedSystem]
  var directions: [Direction]
  /// What has happened, if it is wanted.
  package private(set) var journal: [String] = []
  private let keepsJournal: Bool

  /// The way from one end to the other.
  struct Direction {
    var isCut = false
    var lossPercent = 0
    /// How many packets may be lost one after the other.
    var tolerance = Int.max
    var lost = 0
    var delay: ClosedRange<Int64> = 100...1000
    /// No packet overtakes one of another state: BFD has no sequence numbers to tell by.
    var keepsStates = false
    var state = BFDState.adminDown
    var lastArrival = Instant.zero
    /// What the end has reported.
    var isUp = false
    var failures = 0
    /// How often the end took the other's silence for its end.
    var expirations = 0
    var lastFailure = Instant.zero
  }

  package init(seed: UInt64, keepsJournal: Bool = false) {
    self.seed = seed
    self.keepsJournal = keepsJournal
    random = RandomSource(seed: seed)
    scenario = SessionScenario(&random)
    nodes = Array(repeating: SimulatedSystem(), count: scenario.nodes)
    directions = Array(repeating: Direction(), count: scenario.ends.count)
    for (end, value) in scenario.ends.enumerated() { nodes[value.node].ends.append(end) }
  }

  // MARK: Runs

  /// Loss below the multiplier, delays, reordering, short pauses and reloads from the start on: a
  /// session that has come up stays up. Says what is wrong, if anything.
  package mutating func runTolerance() -> String? {
    let fastest = scenario.fastestInterval.count
    let pauses = random.chance(40)
    for end in directions.indices {
      // A pause costs as much as a packet.
      directions[end].tolerance = max(0, scenario.tolerance(of: end) - (pauses ? 1 : 0))
      directions[end].lossPercent = random.number(0...60)
      directions[end].keepsStates = true
      directions[end].delay = 100...(pauses ? fastest / 50 : fastest / 10)
    }
    for node in nodes.indices { start(node) }
    for _ in 0..<12 {
      run(until: now + random.time(0...2_000_000))
      let node = random.number(0...(nodes.count - 1))
      if random.chance(40) {
        reload(node)
      } else if pauses {
        pause(node, for: random.time(0...fastest / 2))
      }
    }
    if let end = directions.indices.first(where: { directions[$0].failures > 0 }) {
      return "end \(end) went down at \(directions[end].lastFailure.microseconds)"
    }
    calm()
    run(until: now + scenario.recovery)
    return fault()
  }

  /// Faults of all kinds for a while, then peace: everything comes up and stays up.
  package mutating func runChaos() -> String? {
    for node in nodes.indices where random.chance(80) { start(node) }
    for end in directions.indices {
      directions[end].lossPercent = random.number(0...50)
      directions[end].delay = 100...Int64(random.number(1_000...400_000))
    }
    for _ in 0..<15 {
      run(until: now + random.time(0...1_500_000))
      disturb()
    }
    calm()
    run(until: now + scenario.recovery)
    if let fault = fault() { return fault }
    let failures = directions.map(\.failures)
    // Peace must last.
    run(until: now + scenario.recovery / 2)
    if directions.map(\.failures) != failures { return "a session went down in peace" }
    return fault()
  }

  /// One direction of a session dies in peace. Says how long the other end took to notice beyond
  /// the negotiated time, and the interval that it may.
  package mutating func runDetection() -> (late: Microseconds, bound: Microseconds)? {
    for node in nodes.indices { start(node) }
    run(until: now + scenario.recovery + random.time(0...1_000_000))
    guard fault() == nil else { return nil }
    let sender = random.number(0...(directions.count - 1))
    let receiver = sender ^ 1
    guard let session = session(receiver) else { return nil }
    directions[sender].isCut = true
    let cut = now
    let negotiated = session.detectionTime
    let interval = session.remoteTransmitInterval
    let failures = directions[receiver].failures
    run(until: now + negotiated + interval * 2)
    guard directions[receiver].failures == failures + 1 else { return nil }
    return (directions[receiver].lastFailure - cut - negotiated, interval)
  }

  // MARK: Running

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

  private mutating func deliver(_ octets: [UInt8], to end: Int) {
    let node = scenario.ends[end].node
    guard nodes[node].core != nil else { return }
    guard !nodes[node].isSuspended else {
      if !nodes[node].isDeaf { nodes[node].inbox.append((end, octets)) }
      return
    }
    let configuration = scenario.ends[end].configurations[0]
    let metadata = ReceiveMetadata(
      source: configuration.neighbor, sourcePort: 49152, destination: scenario.ends[end].address,
      hopLimit: configuration.hopLimit, isMultihop: configuration.isMultihop)
    var effects: [Effect] = []
    nodes[node].core?.receive(octets.span, from: metadata, at: now, into: &effects)
    perform(effects, of: node)
  }

  mutating func fireTimers(of node: Int) {
    var effects: [Effect] = []
    for place in nodes[node].ends.indices {
      guard nodes[node].isDue(place, at: now) else { continue }
      nodes[node].core?.timerFired(
        session: SessionIndex(rawValue: place), at: now, into: &effects)
    }
    perform(effects, of: node)
  }

  private mutating func perform(_ effects: [Effect], of node: Int) {
    var answers: [Effect] = []
    for effect in effects {
      guard case .session(let index, let effect) = effect else { continue }
      let end = nodes[node].ends[index.rawValue]
      switch effect {
      case .sendPacket(let packet): send(packet, from: end)
      case .openOutput, .keepOutput:
        nodes[node].core?.handle(.outputOpened, session: index, at: now, into: &answers)
      case .report(let report):
        note(end, "reports \(report)")
        if report == .down && directions[end].isUp {
          directions[end].failures += 1
          directions[end].lastFailure = now
        }
        directions[end].isUp = report == .up
      case .log(let trace):
        if case .expired = trace { directions[end].expirations += 1 }
        if keepsJournal { for line in trace.lines("S\(end / 2)") { note(end, line) } }
      case .deadline(let deadline): nodes[node].setDeadline(index.rawValue, deadline)
      }
    }
    if !answers.isEmpty { perform(answers, of: node) }
  }

  private mutating func send(_ packet: BFDControlPacket, from end: Int) {
    let isLost =
      directions[end].isCut
      || directions[end].lost < directions[end].tolerance
        && random.chance(directions[end].lossPercent)
    note(
      end,
      "sends \(packet.state) \(packet.flags.rawValue) \(packet.desiredMinTxInterval)"
        + " \(packet.requiredMinRxInterval)\(isLost ? ", lost" : "")")
    guard !isLost else {
      directions[end].lost += 1
      return
    }
    directions[end].lost = 0
    var octets = [UInt8](repeating: 0, count: BFDControlPacket.length)
    var span = octets.mutableSpan
    packet.encode(into: &span)
    var arrival = now + random.time(directions[end].delay)
    if directions[end].keepsStates && packet.state != directions[end].state {
      arrival = max(arrival, directions[end].lastArrival + Microseconds(1))
    }
    directions[end].state = packet.state
    directions[end].lastArrival = max(directions[end].lastArrival, arrival)
    network.insert(octets, to: end ^ 1, at: arrival)
  }

  private mutating func note(_ end: Int, _ text: @autoclosure () -> String) {
    if keepsJournal { journal.append("\(now.microseconds) end \(end): \(text())") }
  }

  func session(_ end: Int) -> SessionStateMachine? {
    nodes[scenario.ends[end].node].core?.sessions[scenario.ends[end].place]
  }

  private func configurations(of node: Int) -> [SessionConfiguration] {
    nodes[node].ends.map { scenario.ends[$0].configurations[nodes[node].variant] }
  }

  // MARK: Disturbances

  mutating func start(_ node: Int) {
    guard nodes[node].core == nil else { return }
    if keepsJournal { journal.append("\(now.microseconds) node \(node) starts") }
    var core = BFDSessions(
      sessions: configurations(of: node), random: RandomSource(seed: random.next()))
    var effects: [Effect] = []
    core.start(at: now, into: &effects)
    nodes[node].core = core
    nodes[node].forgetDeadlines()
    nodes[node].inbox = []
    nodes[node].isSuspended = false
    // A new process has reported nothing yet.
    for end in nodes[node].ends { directions[end].isUp = false }
    perform(effects, of: node)
  }

  private mutating func reload(_ node: Int) {
    guard !nodes[node].isSuspended, let core = nodes[node].core else { return }
    if keepsJournal { journal.append("\(now.microseconds) node \(node) reloads") }
    nodes[node].variant = 1 - nodes[node].variant
    let plan = core.plan(configurations(of: node))
    var effects: [Effect] = []
    nodes[node].core?.reload(plan, at: now, into: &effects)
    nodes[node].forgetDeadlines()
    perform(effects, of: node)
  }

  /// As its loop does: the process hears how late it is, reads what waits, then its timers fire.
  mutating func resume(_ node: Int) {
    guard nodes[node].isSuspended else { return }
    if keepsJournal { journal.append("\(now.microseconds) node \(node) goes on") }
    nodes[node].isSuspended = false
    nodes[node].isDeaf = false
    var turn = Turn(at: now, firstDeadline: nodes[node].deadline)
    if turn.lateness >= Turn.standstill {
      var effects: [Effect] = []
      nodes[node].core?.wokeLate(by: turn.lateness, at: now, into: &effects)
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
    for (end, octets) in packets { deliver(octets, to: end) }
    return count
  }

  private mutating func pause(_ node: Int, for time: Microseconds) {
    guard nodes[node].core != nil else { return }
    if keepsJournal { journal.append("\(now.microseconds) node \(node) pauses") }
    nodes[node].isSuspended = true
    run(until: now + time)
    resume(node)
  }

  private mutating func disturb() {
    let node = random.number(0...(nodes.count - 1))
    let end = random.number(0...(directions.count - 1))
    switch random.number(0...7) {
    case 0:
      if keepsJournal { journal.append("\(now.microseconds) node \(node) is gone") }
      nodes[node].core = nil
      nodes[node].forgetDeadlines()
      nodes[node].isSuspended = false
    case 1, 2: start(node)
    case 3: nodes[node].isSuspended = nodes[node].core != nil
    case 4: resume(node)
    case 5: directions[end].isCut.toggle()
    case 6: reload(node)
    default: directions[end].lossPercent = random.number(0...100)
    }
  }

  /// Nothing breaks any more.
  private mutating func calm() {
    for end in directions.indices {
      directions[end].isCut = false
      directions[end].lossPercent = 0
      directions[end].delay = 100...1000
    }
    for node in nodes.indices {
      resume(node)
      start(node)
    }
  }

  // MARK: Invariants

  /// What is wrong in peace.
  func fault() -> String? {
    for end in directions.indices {
      guard let ours = session(end), let theirs = session(end ^ 1) else {
        return "end \(end) has no process"
      }
      if ours.state != .up { return "end \(end) is \(ours.state)" }
      if !directions[end].isUp { return "end \(end) is up and has not said so" }
      if ours.poll != .none { return "end \(end) still polls" }
      if ours.transmitInterval != theirs.remoteTransmitInterval {
        return "the ends of \(end / 2) do not agree on an interval"
      }
      if ours.remoteDetectionTime != theirs.detectionTime {
        return "the ends of \(end / 2) do not agree on a detection time"
      }
    }
    return nil
  }
}
