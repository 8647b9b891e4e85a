// This target is what the balancer in the kernel shall hold, and how it gets there.
//
// A `Service` with its `Destination`s is a virtual server as the kernel knows it; `SyncDaemon` and
// `Timeouts` are its other settings. `ServiceTable` owns what is wanted and what is known to be in
// the kernel, and derives the `Request`s from one to the other. `MarkTables` does the same for the
// sets and rules of nftables that put marks on the packets of groups.
//
// Requests are values. Whoever sends them (`Kernel`) tells of each that failed, and the table
// decides what becomes of it: what it says of the kernel follows from answers, never from hope.
//
// What must never happen: a service or destination of somebody else is touched, because it was
// never wanted here; a failed request is forgotten; a destination goes and comes back, and loses
// its connections, where a change would do.

/// What IPVS shall hold, and what it is known to hold.
///
/// Callers say what they want, never what is to be done: each owner (a virtual server, by its
/// index) names its services with their destinations, and `commit` computes the requests that lead
/// from what the kernel is known to hold to that. Of each request that failed `failed` is told:
/// what can be repaired at once comes out of `repairs`, all else is tried again at the next
/// `commit`. A request that nobody complains about has succeeded.
///
/// Owners may share a service: it has the settings of the first of them, the destinations of all,
/// and each destination as the first owner that has it says. Owners come in the order of their
/// indices.
package struct ServiceTable {
  private struct Entry {
    /// In the order of the owners; empty: the service shall go.
    var wanted: [(owner: Int, service: WantedService)] = []
    /// What the kernel holds, as far as it came from here; nil: no such service.
    var known: WantedService?
    /// Parts of `known` that could not be changed to what it says.
    var stale = StaleParts()
    var isListed = false
  }

  private var entries: [Service.Identity: Entry] = [:]
  private var identitiesOfOwner: [Int: [Service.Identity]] = [:]
  /// What may differ from what is wanted, in the order in which it came to be.
  private var changed: [Service.Identity] = []
  /// What could not be done, until the next commit.
  private var postponed: Set<Service.Identity> = []
  private var postponedInOrder: [Service.Identity] = []
  private var pendingRepairs: [Request] = []

  package init() {}

  /// Something could not be done: `commit` should be called again in a while.
  package var needsRetry: Bool { !postponed.isEmpty }

  // MARK: Wishes

  /// Replaces what an owner wants; an empty array: nothing any more. The same array for the same
  /// owner again costs next to nothing.
  package mutating func want(_ services: [WantedService], for owner: Int) {
    let old = identitiesOfOwner[owner] ?? []
    let isSameList =
      old.count == services.count
      && zip(old, services).allSatisfy { $0 == $1.service.identity }
    if !isSameList {
      let kept = Set(services.map(\.service.identity))
      for identity in old where !kept.contains(identity) { withdraw(identity, from: owner) }
      identitiesOfOwner[owner] = services.isEmpty ? nil : services.map(\.service.identity)
    }
    for service in services { want(service, for: owner) }
  }

  /// Replaces what all owners want: the array's index is the owner. For a new configuration, in
  /// which the indices mean other virtual servers.
  package mutating func wantOnly(_ services: [[WantedService]]) {
    for owner in identitiesOfOwner.keys.sorted() {
      for identity in identitiesOfOwner[owner] ?? [] {
        entries[identity]?.wanted = []
        list(identity)
      }
    }
    identitiesOfOwner = [:]
    for (owner, services) in services.enumerated() { want(services, for: owner) }
  }

  private mutating func want(_ service: WantedService, for owner: Int) {
    let identity = service.service.identity
    let wanted = entries[identity]?.wanted ?? []
    let place = wanted.firstIndex { $0.owner >= owner } ?? wanted.endIndex
    if wanted.indices.contains(place), wanted[place].owner == owner {
      if wanted[place].service == service { return }
      entries[identity]?.wanted[place].service = service
    } else {
      entries[identity, default: Entry()].wanted.insert((owner, service), at: place)
    }
    list(identity)
  }

  private mutating func withdraw(_ identity: Service.Identity, from owner: Int) {
    entries[identity]?.wanted.removeAll { $0.owner == owner }
    list(identity)
  }

  private mutating func list(_ identity: Service.Identity) {
    guard entries[identity]?.isListed == false else { return }
    entries[identity]?.isListed = true
    changed.append(identity)
  }

  // MARK: Requests

  /// All that is to be done, in this order. `retrying`: also what failed before.
  package mutating func commit(retrying: Bool = true) -> [Request] {
    let count = prepare(retrying: retrying)
    return requests(ofServices: count)
  }

  /// The beginning of a commit in parts: how many services may be different from what is wanted.
  package mutating func prepare(retrying: Bool) -> Int {
    if retrying {
      for identity in postponedInOrder { list(identity) }
      postponed = []
      postponedInOrder = []
    }
    return changed.count
  }

  /// A part of a commit: what is to be done about the next services, so many of them.
  package mutating func requests(ofServices count: Int) -> [Request] {
    let part = changed.prefix(count)
    changed.removeFirst(part.count)
    return requests(of: part)
  }

  /// What is to be done at once because of what failed since `commit`.
  package mutating func repairs() -> [Request] {
    let requests = pendingRepairs
    pendingRepairs = []
    return requests + self.requests(ofServices: changed.count)
  }

  /// What still came out of `repairs` and failed waits for the next commit too.
  package mutating func postponeRepairs() {
    for request in pendingRepairs {
      guard let service = request.service else { continue }
      if let destination = request.destination {
        entries[service.identity]?.stale.destinations.insert(destination.identity)
      } else {
        entries[service.identity]?.stale.includesSettings = true
      }
      _ = postpone(service.identity)
    }
    pendingRepairs = []
    for identity in changed {
      entries[identity]?.isListed = false
      _ = postpone(identity)
    }
    changed.removeAll()
  }

  private mutating func requests(of identities: ArraySlice<Service.Identity>) -> [Request] {
    var requests: [Request] = []
    for identity in identities {
      guard var entry = entries[identity] else { continue }
      entry.isListed = false
      let target = Self.target(entry.wanted)
      ServiceDifference.append(
        from: entry.known, to: target, changing: entry.stale, into: &requests)
      // Taken for done: `failed` says what was not.
      entry.known = target
      entry.stale = StaleParts()
      entries[identity] = entry.known == nil && entry.wanted.isEmpty ? nil : entry
    }
    return requests
  }

  private static func target(_ wanted: [(owner: Int, service: WantedService)]) -> WantedService? {
    guard var target = wanted.first?.service else { return nil }
    if wanted.count == 1 { return target }
    var identities = Set(target.destinations.map(\.identity))
    for other in wanted.dropFirst() {
      target.destinations += other.service.destinations.filter {
        identities.insert($0.identity).inserted
      }
    }
    return target
  }

  /// The kernel was emptied, by a flush.
  package mutating func forgetKernel() {
    for identity in Array(entries.keys) {
      entries[identity]?.known = nil
      entries[identity]?.stale = StaleParts()
      if entries[identity]?.wanted.isEmpty == true { entries[identity] = nil }
    }
    for owner in identitiesOfOwner.keys.sorted() {
      for identity in identitiesOfOwner[owner] ?? [] { list(identity) }
    }
    postponed = []
    postponedInOrder = []
    pendingRepairs = []
  }

  // MARK: Failures

  /// What becomes of a failed request.
  package enum Remedy: Hashable, Sendable {
    /// The kernel holds what is wanted already.
    case none
    /// `repairs` has what helps.
    case repair
    /// Tried again at the next commit.
    case retry
    /// Its service is missing, about which another request has failed: nothing new to tell.
    case consequence
  }

  package mutating func failed(_ request: Request, _ failure: RequestFailure) -> Remedy {
    switch request.action {
    case .addService(let service): failedToAdd(service, failure)
    case .changeService(let service): failedToChange(service, failure)
    case .deleteService(let service): failedToDelete(service, failure)
    case .addDestination(let destination, let service),
      .changeDestination(let destination, let service),
      .deleteDestination(let destination, let service):
      failed(request, destination, of: service, failure)
    case .flush, .setTimeouts, .startDaemon, .stopDaemon: .none
    }
  }

  private mutating func failedToAdd(_ service: Service, _ failure: RequestFailure) -> Remedy {
    if failure == .exists {
      pendingRepairs.append(Request(.changeService(service)))
      return .repair
    }
    entries[service.identity]?.known = nil
    return postpone(service.identity)
  }

  private mutating func failedToChange(_ service: Service, _ failure: RequestFailure) -> Remedy {
    if failure == .noProcess { return lost(service.identity) }
    entries[service.identity]?.stale.includesSettings = true
    return postpone(service.identity)
  }

  private mutating func failedToDelete(_ service: Service, _ failure: RequestFailure) -> Remedy {
    if failure == .noProcess || failure == .noEntry { return .none }
    entries[service.identity, default: Entry()].known = WantedService(service, destinations: [])
    return postpone(service.identity)
  }

  private mutating func failed(
    _ request: Request, _ destination: Destination, of service: Service, _ failure: RequestFailure
  ) -> Remedy {
    guard entries[service.identity]?.known != nil else { return .consequence }
    switch (request.action, failure) {
    case (_, .noProcess): return lost(service.identity)
    case (.addDestination, .exists):
      pendingRepairs.append(Request(.changeDestination(destination, service)))
      return .repair
    case (.changeDestination, .noEntry):
      pendingRepairs.append(Request(.addDestination(destination, service)))
      return .repair
    case (.deleteDestination, .noEntry): return .none
    case (.deleteDestination, _):
      entries[service.identity]?.known?.destinations.append(destination)
    case (.changeDestination, _):
      entries[service.identity]?.stale.destinations.insert(destination.identity)
    default:
      entries[service.identity]?.known?.destinations.removeAll {
        $0.identity == destination.identity
      }
    }
    return postpone(service.identity)
  }

  /// Somebody else has deleted the service: it is made anew with all that belongs to it.
  private mutating func lost(_ identity: Service.Identity) -> Remedy {
    entries[identity]?.known = nil
    entries[identity]?.stale = StaleParts()
    list(identity)
    return .repair
  }

  private mutating func postpone(_ identity: Service.Identity) -> Remedy {
    if postponed.insert(identity).inserted { postponedInOrder.append(identity) }
    return .retry
  }
}
