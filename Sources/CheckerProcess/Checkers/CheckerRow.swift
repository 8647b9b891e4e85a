import Configuration
import HealthChecking

/// What this process does for a kind of checker; what the kind is like is in `CheckerTraits`.
struct CheckerRow {
  /// What has to be there before the first attempt.
  enum Need: CaseIterable { case pingGroups, tls }

  typealias Maker =
    (CheckNames, CheckEnvironment, @escaping (CheckResult) -> Void) -> any CheckAttempts

  var need: Need?
  /// Nil for one that makes no attempts, as it waits to be told.
  var makeAttempts: Maker?
}

extension Checker.Kind {
  var row: CheckerRow {
    switch self {
    case .tcp(let connection):
      CheckerRow { TCPAttempts(connection, in: $1, ended: $2) }
    case .http(let check):
      CheckerRow(need: check.isTLS ? .tls : nil) { HTTPAttempts(check, $0, in: $1, ended: $2) }
    case .smtp(let connection, let heloName):
      CheckerRow { SMTPAttempts(connection, heloName: heloName, $0, in: $1, ended: $2) }
    case .dns(let connection, let question):
      CheckerRow { DNSAttempts(connection, question, $0, in: $1, ended: $2) }
    case .udp(let check):
      CheckerRow { UDPAttempts(check, $0, in: $1, ended: $2) }
    case .ping(let connection):
      CheckerRow(need: .pingGroups) { PingAttempts(connection, $0, in: $1, ended: $2) }
    case .misc(let check):
      check.script.map { script in
        CheckerRow { MiscAttempts(check, script, in: $1, ended: $2) }
      } ?? CheckerRow()
    case .bfd, .file: CheckerRow()
    }
  }
}
