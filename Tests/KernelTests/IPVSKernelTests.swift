import IPVS
import Kernel
import Primitives
import SystemIO
import Testing

/// What the kernel makes of our requests. Only where a kernel with IPVS is there for the tests
/// alone: Tests/IPVS/run.py runs them in a guest, and compares what the last one leaves behind.
@Suite("IPVS of the kernel", .enabled(if: Environment["KEEPALIVED_TEST_IPVS"] != nil), .serialized)
struct IPVSKernelTests {
  let channel: IPVSChannel

  init() throws {
    channel = try IPVSChannel()
    try channel.perform(Request(.flush))
  }

  func address(_ text: String) throws -> IPAddress { try #require(IPAddress(parsing: text)) }

  func destination(
    _ text: String, port: UInt16 = 8080, _ forwarding: Forwarding = .nat, weight: UInt32 = 1
  ) throws -> Destination {
    Destination(
      Destination.Identity(address: try address(text), port: port), forwarding: forwarding,
      weight: weight)
  }

  func perform(_ actions: Request.Action...) -> [RequestFailure] {
    var failures: [RequestFailure] = []
    channel.perform(actions.map(Request.init)) { failures.append($1) }
    return failures
  }

  func allServices() throws -> [Service] {
    var services: [Service] = []
    for family in ["10.0.0.1", "fd00::1"] {
      var settings = Service.Settings(scheduler: "sh")
      services.append(Service(.address(try address(family), port: 80, .tcp), settings))
      settings.schedulerFlags = [.first, .second, .third]
      settings.isOnePacket = true
      services.append(Service(.address(try address(family), port: 53, .udp), settings))
      settings = Service.Settings(scheduler: "wlc")
      settings.persistence = Persistence(timeout: 77)
      settings.persistence?.granularity =
        family.contains(":") ? .prefix(64) : .mask(IPv4Address(255, 255, 0, 0))
      services.append(Service(.address(try address(family), port: 0, .sctp), settings))
      settings.persistence?.granularity = nil
      services.append(Service(.mark(9, try address(family).family), settings))
    }
    var sip = Service.Settings(scheduler: "rr")
    sip.persistence = Persistence(timeout: 360)
    sip.persistence?.engine = "sip"
    services.append(Service(.address(try address("10.0.0.9"), port: 5060, .udp), sip))
    return services
  }

  @Test("Services of every kind are held as they were sent, change, and go")
  func services() throws {
    var services = try allServices()
    #expect(services.map { perform(.addService($0)) }.joined().isEmpty)
    #expect(Set(try channel.services()) == Set(services))
    for index in services.indices {
      services[index].settings.scheduler = "mh"
      #expect(perform(.changeService(services[index])) == [])
    }
    #expect(Set(try channel.services()) == Set(services))
    for service in services { #expect(perform(.deleteService(service)) == []) }
    #expect(try channel.services().isEmpty)
  }

  @Test("Destinations of every kind are held as they were sent, change, and go")
  func destinations() throws {
    let service = Service(
      .address(try address("10.0.0.1"), port: 80, .tcp), Service.Settings(scheduler: "rr"))
    var destinations = [
      try destination("10.1.0.1"), try destination("10.1.0.1", port: 8081),
      try destination("10.1.0.2", port: 80, .direct, weight: 0),
      try destination("10.1.0.3", port: 80, .tunnel(.ipip), weight: 2_147_483_647),
      try destination("10.1.0.4", port: 80, .tunnel(.gue(port: 6080, .remote))),
      try destination("10.1.0.5", port: 80, .tunnel(.gre(.local))),
      try destination("fd00::8", port: 80, .tunnel(.gue(port: 6082, .none))),
    ]
    #expect(perform(.addService(service)) == [])
    for destination in destinations {
      #expect(perform(.addDestination(destination, service)) == [])
    }
    #expect(Set(try channel.destinations(of: service.identity)) == Set(destinations))
    for index in destinations.indices {
      destinations[index].weight = 5
      destinations[index].upperThreshold = 10
      destinations[index].lowerThreshold = 9
      if destinations[index].identity.address.family == .ipv4 {
        destinations[index].forwarding = .tunnel(.gue(port: 7000, .local))
      }
      #expect(perform(.changeDestination(destinations[index], service)) == [])
    }
    #expect(Set(try channel.destinations(of: service.identity)) == Set(destinations))
    for destination in destinations {
      #expect(perform(.deleteDestination(destination, service)) == [])
    }
    #expect(try channel.destinations(of: service.identity).isEmpty)
  }

  @Test("The kernel's refusals are those that the table of services knows")
  func refusals() throws {
    let service = Service(
      .address(try address("10.0.0.1"), port: 80, .tcp), Service.Settings(scheduler: "rr"))
    let destination = try destination("10.1.0.1")
    #expect(perform(.changeService(service), .deleteService(service)) == [.noProcess, .noProcess])
    #expect(perform(.addDestination(destination, service)) == [.noProcess])
    #expect(perform(.addService(service), .addService(service)) == [.exists])
    #expect(
      perform(.changeDestination(destination, service), .deleteDestination(destination, service))
        == [.noEntry, .noEntry])
    #expect(
      perform(.addDestination(destination, service), .addDestination(destination, service))
        == [.exists])
    var unknown = service
    unknown.settings.scheduler = "twos"
    #expect(perform(.changeService(unknown)) == [.noEntry])
  }

  @Test("A table of services leads the kernel to what is wanted, whatever was there")
  func table() throws {
    let services = try allServices()
    let destinations = try (1...20).map { try destination("10.1.0.\($0)", weight: UInt32($0)) }
    var table = ServiceTable()
    for (owner, service) in services.enumerated() where service.identity.family == .ipv4 {
      table.want([WantedService(service, destinations: destinations)], for: owner)
    }
    let obstacle = Service(services[0].identity, Service.Settings(scheduler: "lc"))
    #expect(perform(.addService(obstacle), .addDestination(destinations[0], obstacle)) == [])
    var failures: [RequestFailure] = []
    commit(&table) { failures.append($0) }
    #expect(failures == [.exists, .exists])
    for service in try channel.services() {
      #expect(services.contains(service))
      #expect(
        Set(try channel.destinations(of: service.identity)) == Set(destinations))
    }
    table.wantOnly([])
    commit(&table) { _ in Issue.record("a deletion failed") }
    #expect(try channel.services().isEmpty)
  }

  func commit(_ table: inout ServiceTable, _ failed: (RequestFailure) -> Void) {
    var requests = table.commit()
    while !requests.isEmpty {
      var failures: [(Request, RequestFailure)] = []
      channel.perform(requests) { failures.append(($0, $1)) }
      for (request, failure) in failures {
        failed(failure)
        _ = table.failed(request, failure)
      }
      requests = table.repairs()
    }
  }

  @Test("Timeouts are set and read")
  func timeouts() throws {
    let original = try channel.timeouts()
    let changed = Timeouts(tcp: 1000, tcpFin: 60, udp: 33)
    try channel.perform(Request(.setTimeouts(changed)))
    #expect(try channel.timeouts() == changed)
    try channel.perform(Request(.setTimeouts(original)))
    #expect(try channel.timeouts() == original)
  }

  @Test("Sync daemons start, are listed and stop")
  func daemons() throws {
    for role in SyncDaemon.Role.allCases {
      var daemon = SyncDaemon(role, interface: "sync0", syncID: 77)
      daemon.maxLength = 1100
      daemon.port = 8849
      daemon.ttl = 3
      daemon.group = try address("224.0.0.82")
      #expect(perform(.startDaemon(daemon), .startDaemon(daemon)) == [.exists])
      #expect(try channel.daemons() == [daemon])
      // A daemon that has not run yet is stopped without an answer.
      #expect([[], [.interrupted]].contains(perform(.stopDaemon(role, syncID: 77))))
      #expect(perform(.stopDaemon(role, syncID: 77)) == [.noProcess])
    }
  }

  @Test("A network namespace of its own has a table of its own")
  func namespace() throws {
    guard let name = Environment["KEEPALIVED_TEST_NETNS"] else { return }
    let other = try IPVSChannel(namespaceFile: "/run/netns/\(name)")
    let service = Service(.mark(1, .ipv4), Service.Settings(scheduler: "rr"))
    try other.perform(Request(.addService(service)))
    #expect(try other.services() == [service])
    #expect(try channel.services().isEmpty)
  }

  @Test("Ten thousand destinations")
  func many() throws {
    var table = ServiceTable()
    for owner in 0..<500 {
      let identity = Service.Identity.address(
        try address("10.0.\(owner / 250).\(owner % 250 + 1)"), port: 80, .tcp)
      let destinations = try (1...20).map { try destination("10.1.0.\($0)") }
      table.want(
        [
          WantedService(
            Service(identity, Service.Settings(scheduler: "rr")), destinations: destinations)
        ], for: owner)
    }
    let requests = table.commit()
    var failures = 0
    channel.perform(requests) { _, _ in failures += 1 }
    #expect(requests.count == 10_500)
    #expect(failures == 0)
    #expect(try channel.services().count == 500)
  }
}
