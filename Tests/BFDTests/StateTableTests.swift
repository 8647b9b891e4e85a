import Foundation
import Primitives
import Testing
import Wire

@testable import BFD

/// What every event does in every state, compared with `StateTable.txt`.
///
/// `UPDATE_EXPECTED=1 swift test --filter BFDTests` writes the file anew.
@Suite("State table")
struct StateTableTests {
  static let states: [(String, Step)] = [
    (
      "AdminDown",
      { bench in
        bench = Bench([bench.session.configuration], hasSockets: false)
        bench.run(until: Instant(microseconds: 1_500_000))
      }
    ),
    ("Down", { $0.run(until: Instant(microseconds: 100_000)) }),
    ("Init", { $0.receive(.down, your: Discriminator.none) }),
    ("Up, polling", { $0.bringUp() }),
    (
      "Up",
      { bench in
        bench.bringUp()
        bench.receive(.up, .final)
      }
    ),
    (
      "Up, neighbor demands",
      { bench in
        bench.bringUp()
        bench.receive(.up, [.final, .demand])
      }
    ),
    (
      "Down after Up",
      { bench in
        bench.bringUp()
        bench.receive(.up, .final)
        bench.receive(.down)
      }
    ),
  ]

  typealias Step = @Sendable (inout Bench) -> Void

  static func packet(_ state: BFDState, _ flags: BFDFlags) -> Step { { $0.receive(state, flags) } }

  static var packets: [(String, Step)] {
    let flags: [(String, BFDFlags)] = [
      ("", []), (" P", .poll), (" F", .final), (" D", .demand), (" PD", [.poll, .demand]),
    ]
    return BFDState.allCases.flatMap { state in
      flags.map { ("packet \(state)\($0.0)", packet(state, $0.1)) }
    }
  }

  static var events: [(String, Step)] { packets + others }

  static let others: [(String, Step)] = [
    (
      "packet with other intervals",
      { bench in
        bench.remoteTx = 300_000
        bench.remoteRx = 400_000
        bench.receive(bench.session.remoteState == .up ? .up : .initialize)
      }
    ),
    ("packet with authentication", { $0.receive(.up, .authenticationPresent) }),
    ("packet of a far sender", { $0.receive(Bench.octets($0), hopLimit: 254) }),
    ("timer", { $0.run(until: $0.session.deadline ?? $0.now) }),
    (
      "detection time",
      { bench in
        bench.now = bench.session.detectionDeadline ?? bench.now + .seconds(3)
        bench.fire()
      }
    ),
    ("socket opened", { $0.event(.outputOpened) }),
    ("socket failed", { $0.event(.outputFailed) }),
    ("sending failed", { $0.event(.sendFailed) }),
    ("sending succeeded", { $0.event(.sendSucceeded) }),
    ("reload", { $0.reload([$0.session.configuration]) }),
    (
      "reload, slower",
      { bench in
        var configuration = bench.session.configuration
        configuration.minTx = .milliseconds(500)
        configuration.minRx = .milliseconds(500)
        bench.reload([configuration])
      }
    ),
    (
      "reload, faster",
      { bench in
        var configuration = bench.session.configuration
        configuration.minTx = .milliseconds(50)
        configuration.minRx = .milliseconds(50)
        bench.reload([configuration])
      }
    ),
    ("shutdown", { bench in bench.perform { $0.shutdown(at: $1, into: &$2) } }),
  ]

  static func row(
    _ state: (String, Step),
    _ event: (String, Step),
    isPassive: Bool
  ) -> String {
    var bench = Bench([Sample.session { $0.isPassive = isPassive }])
    state.1(&bench)
    bench.forget()
    let before = bench.now
    event.1(&bench)
    let actions = bench.effects.compactMap { text($0, since: before) }
    let words = actions.isEmpty ? "-" : actions.joined(separator: ", ")
    return "\(state.0) | \(event.0) | \(bench.session.state) | \(words)"
  }

  static func text(_ effect: Effect, since start: Instant) -> String? {
    guard case .session(_, let effect) = effect else { return nil }
    return switch effect {
    case .sendPacket(let packet):
      "send \(packet.state) \(packet.diagnostic.rawValue)"
        + (packet.flags.contains(.poll) ? " P" : "") + (packet.flags.contains(.final) ? " F" : "")
        + (packet.yourDiscriminator == .none ? " to nobody" : "")
    case .openOutput: "open socket"
    case .keepOutput: "keep socket"
    case .report(let report): "report \(report)"
    case .deadline(let deadline):
      deadline.map { "deadline +\(($0 - start).count)" } ?? "no deadline"
    case .log: nil
    }
  }

  @Test("Every event in every state does what the table says")
  func table() throws {
    var lines: [String] = []
    for isPassive in [false, true] {
      lines.append(isPassive ? "# passive" : "# active")
      for state in Self.states {
        for event in Self.events { lines.append(Self.row(state, event, isPassive: isPassive)) }
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
  mutating func event(_ event: Event) {
    core.handle(event, session: SessionIndex(rawValue: 0), at: now, into: &effects)
  }

  /// An ordinary packet of the neighbor.
  static func octets(_ bench: Bench) -> [UInt8] {
    BFDControlPacket(
      state: .down, detectMultiplier: 3, myDiscriminator: Sample.remote,
      yourDiscriminator: bench.session.localDiscriminator, desiredMinTxInterval: 1_000_000,
      requiredMinRxInterval: 200_000
    ).octets
  }
}
