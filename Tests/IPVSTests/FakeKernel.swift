import IPVS

/// IPVS as the kernel has it: refuses what the kernel refuses.
struct FakeKernel {
  var services: [Service.Identity: Service] = [:]
  var destinations: [Service.Identity: [Destination.Identity: Destination]] = [:]
  /// Services with these schedulers cannot be made.
  var missingSchedulers: Set<String> = []

  mutating func perform(_ request: Request) -> RequestFailure? {
    guard let service = request.service else { return nil }
    let identity = service.identity
    let isThere = services[identity] != nil
    switch request.action {
    case .addService:
      if isThere { return .exists }
      if missingSchedulers.contains(service.settings.scheduler) { return .noEntry }
      services[identity] = service
    case .changeService:
      if !isThere { return .noProcess }
      if missingSchedulers.contains(service.settings.scheduler) { return .noEntry }
      services[identity] = service
    case .deleteService:
      if !isThere { return .noProcess }
      services[identity] = nil
      destinations[identity] = nil
    case .addDestination(let destination, _):
      if !isThere { return .noProcess }
      if destinations[identity]?[destination.identity] != nil { return .exists }
      destinations[identity, default: [:]][destination.identity] = destination
    case .changeDestination(let destination, _):
      if !isThere { return .noProcess }
      if destinations[identity]?[destination.identity] == nil { return .noEntry }
      destinations[identity]?[destination.identity] = destination
    case .deleteDestination(let destination, _):
      if !isThere { return .noProcess }
      if destinations[identity]?.removeValue(forKey: destination.identity) == nil {
        return .noEntry
      }
    case .flush, .setTimeouts, .startDaemon, .stopDaemon: break
    }
    return nil
  }

  /// Performs a commit with its repairs; what came of each failure.
  mutating func commit(_ table: inout ServiceTable) -> [(Request, ServiceTable.Remedy)] {
    var remedies: [(Request, ServiceTable.Remedy)] = []
    var requests = table.commit()
    for _ in 0..<4 where !requests.isEmpty {
      for request in requests {
        if let failure = perform(request) {
          remedies.append((request, table.failed(request, failure)))
        }
      }
      requests = table.repairs()
    }
    return remedies
  }
}
