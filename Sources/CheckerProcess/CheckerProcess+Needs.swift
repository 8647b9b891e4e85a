import Configuration
import ProcessFrame

/// What checks need before they begin.
extension CheckerProcess {
  /// At the start a fault of TLS ends the process. At a reload the settings from before stay, as
  /// everything else goes on being checked.
  ///
  /// Returns false if TLS is needed and cannot be had.
  func provideNeeds() -> Bool {
    let servers = context.configuration.lvs.virtualServers
    let checkers = servers.lazy.flatMap(\.realServers).flatMap(\.checkers)
    let needs = Set(checkers.compactMap(\.kind.row.need))
    return CheckerRow.Need.allCases.allSatisfy { !needs.contains($0) || provide($0) }
  }

  private func provide(_ need: CheckerRow.Need) -> Bool {
    switch need {
    case .pingGroups:
      pingGroups.admitRoot()
      return true
    case .tls: return environment.loadTLS(context.configuration.lvs.tls)
    }
  }
}
