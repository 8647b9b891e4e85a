import ProcessFrame
import Configuration

/// What checks need before they begin.
extension CheckerProcess {
  /// At the start a fault of TLS ends the process. At a reload the settings from before stay, as
  /// everything else goes on being checked.
  ///
  /// Returns false if TLS is needed and cannot be had.
  func provideNeeds() -> Bool {
    let servers = context.configuration.lvs.virtualServers
    let checkers = servers.lazy.flatMap(\.realServers).flatMap(\.checkers)
    if checkers.contains(where: \.isPing) { pingGroups.admitRoot() }
    if !checkers.contains(where: \.isTLS) { return true }
    return environment.loadTLS(context.configuration.lvs.tls)
  }
}

extension Checker {
  fileprivate var isPing: Bool { if case .ping = kind { true } else { false } }
  fileprivate var isTLS: Bool { if case .http(let check) = kind { check.isTLS } else { false } }
}
