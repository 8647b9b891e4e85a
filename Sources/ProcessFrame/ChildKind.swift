package import Configuration
package import ConfigurationSyntax

/// The processes that the parent looks after, in the order in which they are started.
package enum ChildKind: CaseIterable, Hashable, Sendable {
  case checker, vrrp, bfd

  package var traits: ChildTraits {
    switch self {
    case .checker: .checker
    case .vrrp: .vrrp
    case .bfd: .bfd
    }
  }
}

/// All by which one kind of child differs from the others outside of its own target.
package struct ChildTraits: Sendable {
  /// In log lines about starting it: `Healthcheck`.
  package let name: String
  /// In log lines about ending it by force: `vrrp`.
  package let shortName: String
  /// In sentences: `The VRRP process`.
  package let title: String
  /// The syslog identity.
  package let identity: String
  /// Of its pid file, without directory and suffixes.
  package let pidFileName: String
  package let logFileSuffix: String
  /// With `process_names`.
  package let distinctProcessName: String
  /// The prefix of its keywords for scheduling.
  package let keywordPrefix: String
  /// Which reading of the configuration concerns it.
  package let view: ReadingView
  package let processName: @Sendable (GlobalDefinitions.ProcessNames) -> String?
  package let scheduling: @Sendable (GlobalDefinitions) -> ProcessScheduling
  package let isConfigured: @Sendable (Configuration.Presence) -> Bool
}

extension ChildTraits {
  static let checker = ChildTraits(
    name: "Healthcheck", shortName: "checker", title: "checker",
    identity: "Keepalived_healthcheckers",
    pidFileName: "checkers", logFileSuffix: "_check", distinctProcessName: "keepalived_lvs",
    keywordPrefix: "checker", view: .checker, processName: { $0.checker },
    scheduling: { $0.checkerProcess }, isConfigured: { $0.checker })

  static let vrrp = ChildTraits(
    name: "VRRP", shortName: "vrrp", title: "VRRP", identity: "Keepalived_vrrp",
    pidFileName: "vrrp",
    logFileSuffix: "_vrrp", distinctProcessName: "keepalived_vrrp", keywordPrefix: "vrrp",
    view: .vrrp, processName: { $0.vrrp }, scheduling: { $0.vrrpProcess },
    isConfigured: { $0.vrrp })

  static let bfd = ChildTraits(
    name: "BFD", shortName: "bfd", title: "BFD", identity: "Keepalived_bfd", pidFileName: "bfd",
    logFileSuffix: "_bfd", distinctProcessName: "keepalived_bfd", keywordPrefix: "bfd", view: .bfd,
    processName: { $0.bfd }, scheduling: { $0.bfdProcess }, isConfigured: { $0.bfd })
}
