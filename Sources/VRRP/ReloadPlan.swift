/// A new configuration and which of its virtual routers continue old ones.
package struct ReloadPlan {
  package let routers: [RouterConfiguration]
  package let groups: [SyncGroupConfiguration]
  package let options: ProtocolOptions
  /// For each new router the old one that it continues.
  package let predecessors: [RouterIndex?]
  /// Old routers that nothing continues.
  package let removed: [RouterIndex]
}
