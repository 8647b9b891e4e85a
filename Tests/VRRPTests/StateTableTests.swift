import Foundation
import Primitives
import Testing
import VRRP
import Wire

/// What every event does in every state, compared with `StateTable.txt`.
///
/// `UPDATE_EXPECTED=1 swift test --filter StateTableTests` writes the file anew.
@Suite("State table")
struct StateTableTests {
  static let link = TrackerID(.interface, 1)
  static let script = TrackerID(.script, 1)

  static let states: [(String, @Sendable (inout Bench) -> Void)] = [
    ("BACKUP", { $0.run(until: Instant(microseconds: 1_000_000)) }),
    ("MASTER", { $0.run(until: Instant(microseconds: 4_000_000)) }),
    (
      "FAULT",
      { bench in
        bench.run(until: Instant(microseconds: 1_000_000))
        bench.handle(.trackerChanged(link, .down))
      }
    ),
    ("FAULT (script pending)", { _ in }),
  ]

  static let events: [(String, @Sendable (inout Bench) -> Void)] = [
    ("rejected advertisement", { $0.receiveBroken() }),
    ("advertisement of priority 0", { $0.receive(0) }),
    ("advertisement of higher priority", { $0.receive(150) }),
    ("advertisement of equal priority, higher address", { $0.receive(100) }),
    (
      "advertisement of equal priority, lower address",
      { $0.receive(100, from: "10.0.0.0") }
    ),
    ("advertisement of equal priority, our address", { $0.receive(100, from: "10.0.0.1") }),
    ("advertisement of lower priority", { $0.receive(50) }),
    ("timer", { $0.run(until: $0.router.electionDeadline ?? $0.now) }),
    ("interface down", { $0.handle(.trackerChanged(link, .down)) }),
    ("interface up", { $0.handle(.trackerChanged(link, .up)) }),
    ("script succeeds", { $0.handle(.trackerChanged(script, .up)) }),
    ("script fails", { $0.handle(.trackerChanged(script, .down)) }),
    ("source address changed", { $0.handle(.sourceAddressChanged(Sample.address("10.0.0.7"))) }),
    ("source address lost", { $0.handle(.sourceAddressChanged(nil)) }),
    ("duplicate VRID", { $0.handle(.duplicateVirtualRouterID(true)) }),
    ("virtual address removed", { $0.handle(.addressRemoved(.virtual(0))) }),
    ("virtual route removed", { $0.handle(.routeRemoved) }),
    ("virtual rule removed", { $0.handle(.ruleRemoved) }),
    (
      "late wake-up",
      { bench in
        bench.now = bench.now + .seconds(10)
        bench.routers.wokeLate(by: .seconds(10), at: bench.now, into: &bench.effects)
      }
    ),
    ("shutdown", { $0.routers.shutdown(at: $0.now, into: &$0.effects) }),
  ]

  static func row(
    _ state: (String, @Sendable (inout Bench) -> Void),
    _ event: (String, @Sendable (inout Bench) -> Void),
    preempts: Bool
  ) -> String {
    var configuration = Sample.router(.two)
    configuration.preempts = preempts
    configuration.timerExpiredBackup = preempts ? nil : .highestBackup
    configuration.trackings = [
      Tracking(link, name: "eth0", status: .up),
      Tracking(
        script, name: "check", status: state.0.contains("script") ? .initializing : .up),
    ]
    configuration.hasRoutes = true
    configuration.hasRules = true
    configuration.gratuitous.masterRepeat = 1
    configuration.gratuitous.lowerPriorityRepeat = 1
    var bench = Bench([configuration])
    state.1(&bench)
    bench.forget()
    let before = bench.now
    event.1(&bench)
    let actions = bench.effects.compactMap { text($0, since: before) }
    let words = actions.isEmpty ? "-" : actions.joined(separator: ", ")
    return "\(state.0) | \(event.0) | \(bench.router.state) | \(words)"
  }

  static func text(_ effect: Effect, since start: Instant) -> String? {
    switch effect {
    case .router(_, let effect): text(effect, since: start)
    case .group(_, .notify(let state)): "notify \(state.word)"
    case .process(.deadline(let deadline)): text(deadline, since: start)
    case .group, .process: nil
    }
  }

  private static func text(_ deadline: Instant?, since start: Instant) -> String {
    deadline.map { "deadline +\(($0 - start).count)" } ?? "no deadline"
  }

  private static func text(_ effect: RouterEffect, since start: Instant) -> String? {
    switch effect {
    case .sendAdvertisement(let stamp): "send \(stamp.priority.rawValue)"
    case .notify(let state, _): "notify \(state.word)"
    case .notifyLowerPriority(let priority): "notify lower \(priority.rawValue)"
    case .sendGratuitous: "announce"
    case .deadline(let deadline): text(deadline, since: start)
    case .log: nil
    case .addFirewallElements, .addAddresses, .addExcludedAddresses, .addRoutes, .addRules,
      .removeRules, .removeRoutes, .removeAddresses, .removeExcludedAddresses,
      .removeFirewallElements, .removeLeftovers, .replaceAddresses, .drainNetlink,
      .notifyRemoved, .writeState, .notifyPriority, .startSyncDaemonMaster,
      .startSyncDaemonBackup, .limitDebounce:
      "\(effect)"
    }
  }

  @Test("Every event in every state does what the table says")
  func table() throws {
    var lines: [String] = []
    for preempts in [true, false] {
      lines.append(preempts ? "# preempt" : "# nopreempt, timer_expired_backup")
      for state in Self.states {
        for event in Self.events { lines.append(Self.row(state, event, preempts: preempts)) }
      }
    }
    let text = lines.joined(separator: "\n") + "\n"
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "StateTable.txt")
    if ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let old = expected.split(separator: "\n")
    for (line, expected) in zip(text.split(separator: "\n"), old) { #expect(line == expected) }
    #expect(text == expected)
  }
}

extension Bench {
  mutating func handle(_ event: Event) {
    routers.handle(event, router: RouterIndex(rawValue: 0), at: now, into: &effects)
  }

  mutating func receive(_ priority: UInt8, from source: String = "10.0.0.2") {
    receive(
      priority: priority, from: Sample.address(source), of: router.configuration)
  }

  mutating func receiveBroken() {
    var packet = Self.advertisement(
      priority: 200, from: Sample.theirs, of: router.configuration)
    packet[26] ^= 0xff
    receive(packet)
  }
}
