package import Primitives

/// What the system tells one virtual router.
package enum Event: Hashable, Sendable {
  /// The address of the interface, for a router without a configured source; nil: the last is gone.
  /// For one that tracks its source: that one, and nil while the interface does not have it.
  case sourceAddressChanged(IPAddress?)
  /// Something tracked has another status.
  case trackerChanged(TrackerID, TrackerStatus)
  /// An interface that appeared collides with another router of the same VRID, or no more does.
  case duplicateVirtualRouterID(Bool)
  /// Another program removed one of the addresses.
  case addressRemoved(AddressReference)
  /// Another program removed a tracked virtual route.
  case routeRemoved
  /// Another program removed a tracked virtual rule.
  case ruleRemoved
}
