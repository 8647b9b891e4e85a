import Configuration
import Primitives

/// Attempts in a row that could not be made, as something was short on this machine.
struct Postponement: Hashable, Sendable {
  /// A connection that was closed keeps its port for a minute.
  private static let patience = Microseconds.seconds(60)
  /// One that comes seldom must have had more than one chance.
  private static let fewest = 3

  let begin: Instant
  /// The last one: one line is enough while it lasts.
  private(set) var reason = ""
  private(set) var count = 0
  /// It has been said that it lasts too long.
  var isTold = false

  init(at begin: Instant) { self.begin = begin }

  /// Another attempt; whether its reason is a new one.
  mutating func add(_ reason: String) -> Bool {
    defer { self.reason = reason }
    count += 1
    return self.reason != reason
  }

  func isTooLong(at now: Instant) -> Bool {
    count >= Self.fewest && now - begin >= Self.patience
  }
}

/// What could not be attempted says nothing about the server, until nobody has heard of it for too
/// long: then that is a failure.
extension CheckerState {
  mutating func postpone(
    _ reason: String, _ configuredWeight: UInt32, at now: Instant
  ) -> Judgement {
    var postponement = postponement ?? Postponement(at: now)
    var traces: [CheckTrace] = postponement.add(reason) ? [.check(reason)] : []
    let isTooLong = postponement.isTooLong(at: now)
    if isTooLong && !postponement.isTold {
      postponement.isTold = true
      traces.append(
        .check("\(title) was put off \(postponement.count) times: it counts as failed."))
    }
    self.postponement = postponement
    var judgement = Judgement(delay: definition.delayLoop)
    judgement.endsRun = false
    if isTooLong { judgement = judgeAttempt(notAttempted, configuredWeight) }
    judgement.traces = traces + judgement.traces
    return judgement
  }

  /// The check, as lines about its attempts name it.
  var title: String { "\(definition.kind.traits.name) on service \(serverName)" }

  /// The failure in the words of the kind.
  private var notAttempted: CheckResult {
    let target = definition.connection?.name ?? ""
    return switch definition.kind {
    case .tcp, .bfd, .file: .failed(detail: "failed")
    case .udp: .failed(detail: "UDP connection to \(serverName) failed.")
    case .ping: .failed(detail: "ICMP connection to \(serverName) of \(serviceName) failed.")
    case .http: .failed(detail: "Error connecting")
    case .smtp: .failed(detail: "Error connecting to server \(target)")
    case .dns: .failed(detail: "connection error.")
    case .misc: .script(.notRun(reason: "put off too often"))
    }
  }
}
