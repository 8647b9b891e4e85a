/// What must be changed although the kernel seems to hold it already.
struct StaleParts {
  var includesSettings = false
  var destinations: Set<Destination.Identity> = []
}

/// The requests that lead from one state of a service to another: what is gone goes, what is new
/// comes, what is different is changed.
enum ServiceDifference {
  /// Nil is no service.
  static func append(
    from old: WantedService?, to new: WantedService?, changing stale: StaleParts,
    into requests: inout [Request]
  ) {
    guard let new else {
      // Its destinations go with it, also those that others have added.
      if let old { requests.append(Request(.deleteService(old.service))) }
      return
    }
    if let old {
      if old.service.settings != new.service.settings || stale.includesSettings {
        requests.append(Request(.changeService(new.service)))
      }
    } else {
      requests.append(Request(.addService(new.service)))
    }
    append(
      from: old?.destinations ?? [], to: new.destinations, changing: stale.destinations,
      of: new.service, into: &requests)
  }

  private static func append(
    from old: [Destination], to new: [Destination], changing stale: Set<Destination.Identity>,
    of service: Service, into requests: inout [Request]
  ) {
    // Most often nothing came or went, and often nothing at all is different.
    if old.count == new.count && zip(old, new).allSatisfy({ $0.identity == $1.identity }) {
      for (before, after) in zip(old, new)
      where before != after || stale.contains(after.identity) {
        requests.append(Request(.changeDestination(after, service)))
      }
      return
    }
    let before = Dictionary(old.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.map(\.identity))
    for destination in old where !after.contains(destination.identity) {
      requests.append(Request(.deleteDestination(destination, service)))
    }
    for destination in new where before[destination.identity] == nil {
      requests.append(Request(.addDestination(destination, service)))
    }
    for destination in new {
      if let known = before[destination.identity],
        known != destination || stale.contains(destination.identity)
      {
        requests.append(Request(.changeDestination(destination, service)))
      }
    }
  }
}
