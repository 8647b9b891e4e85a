import IPVS
import Testing

/// `#expect` cannot call what mutates.
func committed(_ table: inout ServiceTable) -> [Request.Action] { table.commit().map(\.action) }

@Suite("From what IPVS holds to what it shall hold")
struct ServiceTableTests {
  let service = Sample.service(1)
  let a = Sample.destination(1)
  let b = Sample.destination(2)
  let c = Sample.destination(3)

  func table(_ destinations: Destination...) -> ServiceTable {
    var table = ServiceTable()
    table.want([WantedService(service, destinations: destinations)], for: 0)
    _ = table.commit()
    return table
  }

  @Test("A service comes before its destinations, which keep their order")
  func start() {
    var table = ServiceTable()
    table.want([Sample.wanted(1, b, a), Sample.wanted(2, a)], for: 0)
    let second = Sample.service(2)
    #expect(
      committed(&table) == [
        .addService(service), .addDestination(b, service), .addDestination(a, service),
        .addService(second), .addDestination(a, second),
      ])
    #expect(committed(&table) == [])
    #expect(!table.needsRetry)
  }

  @Test("What is gone goes first, then comes what is new, then what is different changes")
  func order() {
    var table = table(a, b)
    var heavy = b
    heavy.weight = 9
    table.want([Sample.wanted(1, c, heavy)], for: 0)
    #expect(
      committed(&table) == [
        .deleteDestination(a, service), .addDestination(c, service),
        .changeDestination(heavy, service),
      ])
  }

  @Test("A change of weight, method or threshold is one request")
  func changes() {
    var table = table(a, b)
    for change in [
      { (destination: inout Destination) in destination.weight = 0 },
      { $0.forwarding = .tunnel(.gue(port: 6080, .none)) }, { $0.upperThreshold = 10 },
      { $0.lowerThreshold = 5 },
    ] {
      var changed = b
      change(&changed)
      table.want([Sample.wanted(1, a, changed)], for: 0)
      #expect(committed(&table) == [.changeDestination(changed, service)])
      table.want([Sample.wanted(1, a, b)], for: 0)
      #expect(committed(&table) == [.changeDestination(b, service)])
    }
  }

  @Test("Another order of the same destinations is no change")
  func reordered() {
    var table = table(a, b)
    table.want([Sample.wanted(1, b, a)], for: 0)
    #expect(committed(&table) == [])
  }

  @Test("Other settings change the service and leave its destinations")
  func settings() {
    var table = table(a)
    table.want([Sample.wanted(1, a, scheduler: "wlc")], for: 0)
    #expect(committed(&table) == [.changeService(Sample.service(1, scheduler: "wlc"))])
  }

  @Test("A service that nobody wants is deleted by one request")
  func withdrawn() {
    var table = table(a, b)
    table.want([], for: 0)
    #expect(committed(&table) == [.deleteService(service)])
    #expect(committed(&table) == [])
  }

  @Test("What is wanted and withdrawn before a commit never happened")
  func transient() {
    var table = ServiceTable()
    table.want([Sample.wanted(1, a)], for: 0)
    table.want([], for: 0)
    #expect(committed(&table) == [])
    table.want([Sample.wanted(1, a)], for: 0)
    table.want([Sample.wanted(1, b)], for: 0)
    #expect(committed(&table) == [.addService(service), .addDestination(b, service)])
  }

  @Test("Of two owners the first has the settings, and both their destinations")
  func sharing() {
    var table = ServiceTable()
    var heavy = b
    heavy.weight = 9
    table.want([Sample.wanted(1, heavy, c, scheduler: "wlc")], for: 7)
    table.want([Sample.wanted(1, a, b)], for: 3)
    #expect(
      committed(&table) == [
        .addService(service), .addDestination(a, service), .addDestination(b, service),
        .addDestination(c, service),
      ])
    table.want([], for: 3)
    let other = Sample.service(1, scheduler: "wlc")
    #expect(
      committed(&table) == [
        .changeService(other), .deleteDestination(a, other), .changeDestination(heavy, other),
      ])
    table.want([], for: 7)
    #expect(committed(&table) == [.deleteService(other)])
  }

  @Test("One owner's change touches its own services only")
  func isolation() {
    var table = ServiceTable()
    for owner in 0..<200 {
      table.want([Sample.wanted(UInt8(owner), a, b)], for: owner)
    }
    #expect(table.commit().count == 600)
    var heavy = b
    heavy.weight = 9
    table.want([Sample.wanted(100, a, heavy)], for: 100)
    #expect(committed(&table) == [.changeDestination(heavy, Sample.service(100))])
  }

  @Test("A new configuration keeps what is in both, whatever its indices")
  func reload() {
    var table = ServiceTable()
    table.want([Sample.wanted(1, a)], for: 0)
    table.want([Sample.wanted(2, a)], for: 1)
    table.want([Sample.wanted(3, a)], for: 2)
    _ = table.commit()
    table.wantOnly([[Sample.wanted(3, a)], [Sample.wanted(4, a)], [Sample.wanted(1, a, b)]])
    #expect(
      committed(&table) == [
        .addDestination(b, service), .deleteService(Sample.service(2)),
        .addService(Sample.service(4)), .addDestination(a, Sample.service(4)),
      ])
  }

  @Test("After a flush everything is made anew")
  func flush() {
    var table = table(a)
    table.forgetKernel()
    #expect(committed(&table) == [.addService(service), .addDestination(a, service)])
    table.want([], for: 0)
    table.forgetKernel()
    #expect(committed(&table) == [])
  }
}

@Suite("Requests that fail")
struct FailureTests {
  let service = Sample.service(1)
  let a = Sample.destination(1)
  let b = Sample.destination(2)

  @Test("What is there already is changed to what is wanted")
  func existing() {
    var kernel = FakeKernel()
    kernel.services[service.identity] = Sample.service(1, scheduler: "lc")
    kernel.destinations[service.identity] = [a.identity: Sample.destination(1, weight: 77)]
    var table = ServiceTable()
    table.want([Sample.wanted(1, a, b)], for: 0)
    let remedies = kernel.commit(&table)
    #expect(remedies.map(\.1) == [.repair, .repair])
    #expect(kernel.services[service.identity] == service)
    #expect(kernel.destinations[service.identity] == [a.identity: a, b.identity: b])
    #expect(!table.needsRetry)
  }

  @Test("What is not there any more needs not be deleted, and is added instead of changed")
  func missing() {
    var kernel = FakeKernel()
    var table = ServiceTable()
    table.want([Sample.wanted(1, a, b)], for: 0)
    _ = kernel.commit(&table)
    kernel.destinations[service.identity] = [:]
    var heavy = b
    heavy.weight = 9
    table.want([Sample.wanted(1, heavy)], for: 0)
    #expect(kernel.commit(&table).map(\.1) == [.none, .repair])
    #expect(kernel.destinations[service.identity] == [b.identity: heavy])
    kernel.services = [:]
    table.want([], for: 0)
    #expect(kernel.commit(&table).map(\.1) == [.none])
    #expect(!table.needsRetry)
  }

  @Test("A service that somebody deleted is made anew with all its destinations")
  func lost() {
    var kernel = FakeKernel()
    var table = ServiceTable()
    table.want([Sample.wanted(1, a, b)], for: 0)
    _ = kernel.commit(&table)
    kernel = FakeKernel()
    table.want(
      [Sample.wanted(1, Sample.destination(1, weight: 5), Sample.destination(2, weight: 5))],
      for: 0)
    #expect(kernel.commit(&table).map(\.1) == [.repair, .consequence])
    #expect(kernel.destinations[service.identity]?.values.map(\.weight) == [5, 5])
  }

  @Test("What cannot be done is tried again at each commit until it can, and told once a time")
  func retry() {
    var kernel = FakeKernel(missingSchedulers: ["rr"])
    var table = ServiceTable()
    table.want([Sample.wanted(1, a, b)], for: 0)
    for _ in 0..<3 {
      #expect(kernel.commit(&table).map(\.1) == [.retry, .consequence, .consequence])
      #expect(table.needsRetry)
    }
    kernel.missingSchedulers = []
    #expect(kernel.commit(&table).isEmpty)
    #expect(kernel.destinations[service.identity]?.count == 2)
    #expect(!table.needsRetry)
  }

  @Test("A service whose change failed is changed later, and its destinations meanwhile")
  func retriedChange() {
    var kernel = FakeKernel()
    var table = ServiceTable()
    table.want([Sample.wanted(1, a)], for: 0)
    _ = kernel.commit(&table)
    kernel.missingSchedulers = ["mh"]
    table.want([Sample.wanted(1, a, b, scheduler: "mh")], for: 0)
    #expect(kernel.commit(&table).map(\.1) == [.retry])
    #expect(kernel.destinations[service.identity]?.count == 2)
    #expect(kernel.services[service.identity]?.settings.scheduler == "rr")
    kernel.missingSchedulers = []
    _ = kernel.commit(&table)
    #expect(kernel.services[service.identity]?.settings.scheduler == "mh")
    #expect(!table.needsRetry)
  }

  @Test("Failures of another kind of destinations and of deletions are not lost either")
  func otherFailures() {
    let noMemory = RequestFailure.noMemory
    var table = ServiceTable()
    table.want([Sample.wanted(1, a)], for: 0)
    _ = table.commit()
    var heavy = a
    heavy.weight = 9
    table.want([Sample.wanted(1, heavy, b)], for: 0)
    for request in table.commit() {
      let remedy = table.failed(request, noMemory)
      #expect(remedy == .retry)
    }
    let again: [Request.Action] = [.addDestination(b, service), .changeDestination(heavy, service)]
    #expect(committed(&table) == again)
    table.want([Sample.wanted(1, b)], for: 0)
    for request in table.commit() { _ = table.failed(request, noMemory) }
    #expect(committed(&table) == [.deleteDestination(heavy, service)])
    table.want([], for: 0)
    for request in table.commit() { _ = table.failed(request, noMemory) }
    #expect(table.needsRetry)
    #expect(committed(&table) == [.deleteService(service)])
    #expect(!table.needsRetry)
  }

  @Test("Whatever owners want and others do, the kernel holds it in the end", arguments: 0..<200)
  func random(seed: Int) {
    var random = Random(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1)
    var kernel = FakeKernel()
    var table = ServiceTable()
    var wanted: [Int: [WantedService]] = [:]
    for _ in 0..<40 {
      let owner = random.below(4)
      let services = random.services()
      wanted[owner] = services
      table.want(services, for: owner)
      if random.below(4) == 0 { continue }
      random.interfere(with: &kernel)
      kernel.missingSchedulers = random.below(3) == 0 ? ["wlc"] : []
      _ = kernel.commit(&table)
    }
    kernel.missingSchedulers = []
    // What others have done shows when it is touched: each destination once.
    for round in 0..<2 {
      for owner in 0..<4 {
        var services = wanted[owner] ?? []
        for index in services.indices {
          for place in services[index].destinations.indices {
            services[index].destinations[place].upperThreshold = UInt32(1 + round)
          }
        }
        wanted[owner] = services
        table.want(services, for: owner)
      }
      _ = kernel.commit(&table)
    }
    check(kernel, wanted)
    #expect(!table.needsRetry)
  }

  func check(_ kernel: FakeKernel, _ wanted: [Int: [WantedService]]) {
    var expected: [Service.Identity: [Destination.Identity: Destination]] = [:]
    for owner in wanted.keys.sorted() {
      for service in wanted[owner] ?? [] {
        for destination in service.destinations {
          let known = expected[service.service.identity]?[destination.identity]
          expected[service.service.identity, default: [:]][destination.identity] =
            known ?? destination
        }
      }
    }
    for (identity, destinations) in expected {
      #expect(kernel.destinations[identity] == destinations)
    }
  }
}

/// Numbers that a seed decides.
struct Random {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(limit))
  }

  mutating func services() -> [WantedService] {
    (UInt8(0)..<5).compactMap { last in
      if below(2) == 0 { return nil }
      let destinations = (UInt8(0)..<4).compactMap { place in
        below(2) == 0
          ? nil : Sample.destination(place, weight: UInt32(below(3)))
      }
      if destinations.isEmpty { return nil }
      return WantedService(
        Sample.service(last, scheduler: below(2) == 0 ? "rr" : "wlc"), destinations: destinations)
    }
  }

  /// Somebody adds or deletes a service or a destination.
  mutating func interfere(with kernel: inout FakeKernel) {
    let service = Sample.service(UInt8(below(5)), scheduler: "lc")
    switch below(6) {
    case 0: _ = kernel.perform(Request(.addService(service)))
    case 1: _ = kernel.perform(Request(.deleteService(service)))
    case 2:
      let destination = Sample.destination(UInt8(below(4)), weight: 99)
      _ = kernel.perform(Request(.deleteDestination(destination, service)))
    default: break
    }
  }
}
