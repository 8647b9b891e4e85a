package import Configuration
import IPVS
import Primitives

/// One checker: what it has found so far, and when it acts next.
package struct CheckerState: Hashable, Sendable {
  package let definition: Checker
  package let server: RealServerIndex
  private let endpoint: Endpoint
  /// The display name of the virtual server.
  let serviceName: String

  /// What the server's name is made of: of thousands of names few are ever needed.
  struct Endpoint: Hashable, Sendable {
    var address: IPAddress
    var port: UInt16
    var transport: TransportProtocol?

    var name: String { realServerName(address, port, transport) }
  }

  package internal(set) var isUp = true
  package internal(set) var hasRun = false
  /// Failures since the last success.
  package internal(set) var failures: UInt64
  /// False while `ha_suspend` keeps it.
  package internal(set) var isEnabled = true
  /// What it adds to the weight of its server.
  package internal(set) var contribution: Int64 = 0
  package internal(set) var http = HTTPProgress()
  /// The exit status of the script that ran last.
  package internal(set) var lastStatus: UInt8?

  /// Also failures that are forgiven.
  var logsAll = false
  var isRunning = false
  /// This process stood still during the attempt.
  var hasStoodStill = false
  /// The last attempt failed for that, perhaps: the next one counts.
  var isExcused = false
  /// It was held back, and begins when its timer fires next.
  var hasPlace = false
  /// A reload has taken it over from the configuration before.
  var isKept = false
  /// How late the attempt began.
  var lateness = Microseconds.zero
  /// When the next attempt begins, or the one under way should have begun.
  var due = Instant(microseconds: 0)
  /// Nil unless the last attempt was put off.
  var postponement: Postponement?

  /// Which url is checked.
  package struct HTTPProgress: Hashable, Sendable {
    package var url = 0
    /// The one that failed: the only one to be checked until it passes.
    package var failedURL: Int?
  }

  init(
    _ definition: Checker, server: RealServerIndex, endpoint: Endpoint, serviceName: String
  ) {
    self.definition = definition
    self.server = server
    self.endpoint = endpoint
    self.serviceName = serviceName
    failures = Self.failuresAtStart(definition)
    if definition.isAlpha { isUp = false }
  }

  /// The display name of the server.
  var serverName: String { endpoint.name }

  /// One failure decides as long as nothing is known, if the kind is so.
  private static func failuresAtStart(_ definition: Checker) -> UInt64 {
    definition.kind.traits.isStrictAtFirst ? UInt64(definition.retry) : 0
  }

  /// Whether it runs by a timer of its own.
  var isTimed: Bool { definition.kind.traits.isTimed }

  /// False for a script that cannot run: the server stays as it is.
  var canRun: Bool {
    if case .misc(let check) = definition.kind { check.script != nil } else { true }
  }

  /// Whether the server's state is still open as far as this checker goes.
  var isUpOrUnknown: Bool { isUp || !hasRun }

  mutating func judge(
    _ result: CheckResult, configuredWeight: UInt32, at now: Instant
  ) -> Judgement {
    if case .postponed(let reason) = result {
      return postpone(reason, configuredWeight, at: now)
    }
    if hasStoodStill && !isExcused && !result.isSuccess { return excuse() }
    isExcused = false
    let wasGivenUp = postponement?.isTold ?? false
    postponement = nil
    var judgement = judgeAttempt(result, configuredWeight)
    if wasGivenUp { judgement.traces.insert(.check("\(title) is made again."), at: 0) }
    return judgement
  }

  /// Once in a row: the failure may be our own standstill's.
  private mutating func excuse() -> Judgement {
    isExcused = true
    var judgement = Judgement(delay: definition.delayBeforeRetry)
    judgement.endsRun = false
    judgement.traces = [
      .check("\(title) failed while this process stood still: it is made again.")
    ]
    return judgement
  }

  /// What has been found out, if only that it could not be.
  mutating func judgeAttempt(_ result: CheckResult, _ configuredWeight: UInt32) -> Judgement {
    switch definition.kind {
    case .tcp: return judgeConnection(result, .tcp)
    case .udp: return judgeConnection(result, .udp)
    case .ping: return judgeConnection(result, .ping)
    case .http(let check): return judgeHTTP(result, check)
    case .smtp: return judgeSMTP(result)
    case .dns: return judgeDNS(result)
    case .misc(let check): return judgeScript(result, check, configuredWeight)
    case .bfd, .file: return Judgement(delay: definition.delayLoop)
    }
  }
}

extension CheckResult {
  /// Whether it says that the server works.
  var isSuccess: Bool {
    switch self {
    case .passed: true
    case .failed, .postponed: false
    // Other exit statuses set the weight of a dynamic check, or are failures.
    case .script(.exited), .script(.signalled): true
    case .script(.timedOut), .script(.notRun): false
    }
  }

  var isPassed: Bool { if case .passed = self { true } else { false } }

  var detail: String {
    if case .failed(let detail) = self { detail } else { "" }
  }
}
