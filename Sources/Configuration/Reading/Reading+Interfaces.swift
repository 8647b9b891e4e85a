import ConfigurationSyntax
import Primitives

extension Reading {
  /// Whether the configuration may name the interface. A missing one is refused by the caller, and
  /// the daemon refuses the whole configuration at the end; with `dynamic_interfaces` it may come
  /// later. `isFatal` false: the daemon runs without it.
  func mayName(_ interface: String, at statement: Statement, isFatal: Bool = true) -> Bool {
    mayName(interface, at: statement.location, isFatal: isFatal)
  }

  func mayName(_ interface: String, at place: SourceLocation?, isFatal: Bool = true) -> Bool {
    if host.interface(named: interface) != nil { return true }
    switch global.vrrp.dynamicInterfaces {
    case .on, .allowIfChanges:
      report(
        .note,
        "Configuration specifies interface \(interface) which doesn't currently exist"
          + " - will use if created", at: place)
      return true
    case .off:
      if isFatal { hasMissingInterface = true }
      return false
    }
  }
}
