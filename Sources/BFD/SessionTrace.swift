package import Primitives
package import Wire

/// The log messages of the protocol, with their wording in one place.
package enum SessionTrace: Hashable, Sendable {
  /// Detail is logged with `-D` only, fine detail with two of them.
  package enum Level: Hashable, Sendable { case normal, detail, fineDetail }

  package enum Severity: Hashable, Sendable { case error, warning, info }

  case enteringInit
  case enteringUp
  case enteringDown(local: BFDDiagnostic, remote: BFDDiagnostic, wasUp: Bool)
  case enteringAdminDown
  case outputUnavailable
  case expired(after: Microseconds, overdue: Microseconds, wasUp: Bool)
  case startingPoll
  case detectionTime(Microseconds, was: Microseconds)
  case parameters(SessionParameters, isNew: Bool)
  case sendingFailed
  case discarded(Complaint, from: IPAddress, port: UInt16)
  /// Lines about discarded packets that were not written.
  case suppressed(UInt64, DiscardRule)

  package var level: Level {
    switch self {
    case .enteringUp, .enteringAdminDown, .outputUnavailable, .detectionTime, .sendingFailed:
      .normal
    case .enteringDown(_, _, let wasUp), .expired(_, _, let wasUp): wasUp ? .normal : .fineDetail
    case .enteringInit: .fineDetail
    case .parameters(_, let isNew): isNew ? .detail : .fineDetail
    case .startingPoll, .suppressed: .detail
    case .discarded(let complaint, _, _): complaint == .truncated ? .normal : .detail
    }
  }

  package var severity: Severity {
    switch self {
    case .outputUnavailable: .error
    case .enteringDown(_, _, let wasUp), .expired(_, _, let wasUp): wasUp ? .warning : .info
    case .enteringAdminDown: .warning
    case .discarded(let complaint, _, _): complaint == .truncated ? .warning : .info
    case .enteringInit, .enteringUp, .startingPoll, .detectionTime, .parameters, .sendingFailed,
      .suppressed:
      .info
    }
  }

  /// The texts without time and process: a line each.
  ///
  /// - Parameter name: the name of the session.
  package func lines(_ name: String) -> [String] {
    switch self {
    case .enteringInit: ["(\(name)) Entering Init state"]
    case .enteringUp: ["(\(name)) Entering Up state"]
    case .enteringDown(let local, let remote, _):
      [
        "(\(name)) Entering Down state (Local diagnostic - \(local), Remote diagnostic - \(remote))"
      ]
    case .enteringAdminDown: ["(\(name)) Entering AdminDown state"]
    case .outputUnavailable: ["(\(name)) Unable to open output socket, disabling instance"]
    case .expired(let after, let overdue, _):
      ["(\(name)) Expired after \(after.count / 1000) ms (\(overdue.count) usec overdue)"]
    case .startingPoll: ["(\(name)) Starting poll sequence"]
    case .detectionTime(let new, let old):
      [Self.indent(name) + " Detection time is \(new.count) us (was \(old.count) us)"]
    case .parameters(let parameters, _): parameters.lines(name)
    case .sendingFailed: ["(\(name)) Error sending packet"]
    case .discarded(let complaint, let source, let port): complaint.lines(source, port)
    case .suppressed(let count, let rule):
      ["\(count) more packets discarded for the same reason (\(rule))"]
    }
  }

  /// Blanks in place of `(NAME)`.
  static func indent(_ name: String) -> String {
    String(repeating: " ", count: name.utf8.count + 2)
  }
}
