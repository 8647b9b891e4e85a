/// A new configuration and which of its sessions continue old ones.
package struct ReloadPlan {
  package let sessions: [SessionConfiguration]
  /// For each new session the old one that it continues.
  package let predecessors: [SessionIndex?]
  /// Old sessions that nothing continues: their sockets are to be closed.
  package let removed: [SessionIndex]
}
