package import Primitives

/// What dumps, SNMP, D-Bus and metrics read of a virtual router. Nothing of it acts: whatever they
/// change is an `Event` of the core, as if it had come from the network.
package protocol RouterView {
  var configuration: RouterConfiguration { get }
  var state: RouterState { get }
  var statistics: RouterStatistics { get }
  /// Nil before the first one.
  var lastTransition: Instant? { get }
  /// The configured priority and what trackers make of it, unbounded.
  var totalPriority: Int { get }
  /// The priority in adverts.
  var effectivePriority: Priority { get }
  var faults: FaultReasons { get }
  /// The source of adverts; nil while there is none.
  var source: IPAddress? { get }
  /// Who is MASTER, as far as adverts have told.
  var master: IPAddress? { get }
  var masterPriority: Priority { get }
  var masterInterval: Microseconds { get }
  var masterReason: MasterReason { get }
  var holdsAddresses: Bool { get }
  /// RFC 5798 6.1.
  var skewTime: Microseconds { get }
  /// RFC 5798 6.1.
  var masterDownInterval: Microseconds { get }
  var group: GroupIndex? { get }
}

extension RouterStateMachine: RouterView {}

/// What is read of a sync group.
package protocol GroupView {
  var configuration: SyncGroupConfiguration { get }
  var members: [RouterIndex] { get }
  var state: RouterState { get }
}

extension SyncGroup: GroupView {}

extension VirtualRouters {
  /// All routers, in the order of their indices.
  package var routerViews: [any RouterView] { Array(routers) }
  /// All groups, in the order of their indices.
  package var groupViews: [any GroupView] { Array(groups) }
}
