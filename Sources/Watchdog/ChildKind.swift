package import ProcessFrame
import Configuration

/// The processes that the parent looks after, in the order in which they are started.
package enum ChildKind: CaseIterable, Hashable, Sendable {
  case checker, vrrp, bfd

  /// In log lines about starting it.
  var name: String {
    switch self {
    case .checker: "Healthcheck"
    case .vrrp: "VRRP"
    case .bfd: "BFD"
    }
  }

  /// The syslog identity.
  var identity: String {
    switch self {
    case .checker: "Keepalived_healthcheckers"
    case .vrrp: "Keepalived_vrrp"
    case .bfd: "Keepalived_bfd"
    }
  }

  /// In log lines about ending it by force.
  var shortName: String {
    switch self {
    case .checker: "checker"
    case .vrrp: "vrrp"
    case .bfd: "bfd"
    }
  }

  var pidFileName: String {
    switch self {
    case .checker: "checkers"
    case .vrrp: "vrrp"
    case .bfd: "bfd"
    }
  }

  var logFileSuffix: String {
    switch self {
    case .checker: "_check"
    case .vrrp: "_vrrp"
    case .bfd: "_bfd"
    }
  }

  func isEnabled(_ line: CommandLine) -> Bool {
    switch self {
    case .checker: line.runsChecker
    case .vrrp: line.runsVRRP
    case .bfd: line.runsBFD
    }
  }

  func isConfigured(_ presence: Configuration.Presence) -> Bool {
    switch self {
    case .checker: presence.checker
    case .vrrp: presence.vrrp
    case .bfd: presence.bfd
    }
  }

  func pidFile(_ line: CommandLine) -> String? {
    switch self {
    case .checker: line.checkersPidFile
    case .vrrp: line.vrrpPidFile
    case .bfd: line.bfdPidFile
    }
  }

  func processName(_ names: GlobalDefinitions.ProcessNames) -> String? {
    switch self {
    case .checker: names.checker ?? (names.areDistinct ? "keepalived_lvs" : nil)
    case .vrrp: names.vrrp ?? (names.areDistinct ? "keepalived_vrrp" : nil)
    case .bfd: names.bfd ?? (names.areDistinct ? "keepalived_bfd" : nil)
    }
  }
}

/// What a kind of child does, once it is a process of its own: its exit status.
package typealias ChildBody = (ChildContext) -> Int32
