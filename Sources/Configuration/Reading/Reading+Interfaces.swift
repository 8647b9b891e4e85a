import ConfigurationSyntax
import Primitives

extension Reading {
  /// Whether the configuration may name the interface. A missing one is refused by the caller, and
  /// the daemon refuses the whole configuration at the end; with `dynamic_interfaces` it may come
  /// later.
  func mayName(_ interface: String, at statement: Statement) -> Bool {
    if host.interface(named: interface) != nil { return true }
    switch global.vrrp.dynamicInterfaces {
    case .on, .allowIfChanges:
      report(
        .note,
        "Configuration specifies interface \(interface) which doesn't currently exist"
          + " - will use if created", at: statement)
      return true
    case .off:
      hasMissingInterface = true
      report(.badInterface, "interface \(interface) does not exist", at: statement, word: 1)
      return false
    }
  }
}
