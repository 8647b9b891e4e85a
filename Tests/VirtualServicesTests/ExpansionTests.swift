import Configuration
import IPVS
import Primitives
import Testing
import VirtualServices

@Suite("Services of a virtual server")
struct ExpansionTests {
  func address(_ text: String) throws -> IPAddress { try #require(IPAddress(parsing: text)) }

  func group(_ entries: VirtualServerGroup.Entry...) -> VirtualServerGroup {
    var group = VirtualServerGroup(name: "G")
    group.entries = entries
    return group
  }

  func range(_ first: String, _ last: String, port: UInt16 = 80) throws -> VirtualServerGroup.Entry
  {
    .addresses(.init(first: try address(first), last: try address(last), port: port))
  }

  func server(_ transport: TransportProtocol? = .tcp, family: AddressFamily? = .ipv4)
    -> VirtualServer
  {
    var server = VirtualServer(service: .group(name: "G", ordinal: 0))
    server.transport = transport
    server.family = family
    return server
  }

  func names(_ server: VirtualServer, _ groups: VirtualServerGroup...) -> [String] {
    ServiceExpansion(server, groups: groups).identities.map(\.description)
  }

  @Test("An address and a mark are one service each")
  func single() throws {
    var server = VirtualServer(service: .address(try address("10.0.0.1"), port: 53))
    server.transport = .udp
    #expect(names(server) == ["10.0.0.1:udp:53"])
    var mark = VirtualServer(service: .mark(5))
    #expect(names(mark) == ["Fwm 5"])
    mark.family = .ipv6
    #expect(names(mark) == ["Fwm 5 inet6"])
  }

  @Test("A group's addresses come in order, then its marks")
  func group() throws {
    let group = group(
      .mark(20, family: nil), try range("10.0.0.1", "10.0.0.1"),
      try range("10.0.1.10", "10.0.1.12", port: 81), .mark(21, family: .ipv6))
    #expect(
      names(server(), group) == [
        "10.0.0.1:tcp:80", "10.0.1.10:tcp:81", "10.0.1.11:tcp:81", "10.0.1.12:tcp:81", "Fwm 20",
        "Fwm 21 inet6",
      ])
    #expect(names(server(family: nil), group).last(where: { $0.hasPrefix("Fwm 20") }) == "Fwm 20")
    #expect(names(server(family: .ipv6), group).contains("Fwm 20 inet6"))
    #expect(names(server(.sctp), group).first == "10.0.0.1:sctp:80")
  }

  @Test("An unknown group has no services; of two groups of one name the first counts")
  func lookup() throws {
    #expect(names(server()) == [])
    let first = group(try range("10.0.0.1", "10.0.0.1"))
    let second = group(try range("10.0.0.2", "10.0.0.2"))
    #expect(names(server(), first, second) == ["10.0.0.1:tcp:80"])
  }

  @Test("Ranges go on across every octet")
  func carry() throws {
    #expect(
      names(server(), group(try range("10.0.2.254", "10.0.3.1"))) == [
        "10.0.2.254:tcp:80", "10.0.2.255:tcp:80", "10.0.3.0:tcp:80", "10.0.3.1:tcp:80",
      ])
    #expect(
      names(server(), group(try range("fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::1"))) == [
        "fd00::ffff:ffff:ffff:ffff:tcp:80", "fd00:0:0:1:::tcp:80", "fd00:0:0:1::1:tcp:80",
      ])
    let ends = names(server(), group(try range("255.255.255.254", "255.255.255.255")))
    #expect(ends.count == 2)
    let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    #expect(names(server(), group(try range(last, last))).count == 1)
  }

  @Test("What is in a group twice is one service")
  func duplicates() throws {
    let group = group(
      try range("10.0.0.1", "10.0.0.3"), try range("10.0.0.2", "10.0.0.4"),
      .mark(1, family: nil), .mark(1, family: .ipv4))
    #expect(names(server(), group).count == 5)
  }

  @Test("Too large a group is cut, and says so")
  func limit() throws {
    let fits = ServiceExpansion(
      server(), groups: [group(try range("10.0.0.0", "10.0.255.255"))])
    #expect(fits.identities.count == 65_536)
    #expect(!fits.isCut)
    let large = ServiceExpansion(
      server(), groups: [group(try range("::", "ffff::"), .mark(1, family: nil))])
    #expect(large.identities.count == 65_537)
    #expect(large.isCut)
  }

  @Test("Only NAT keeps the real server's port")
  func ports() throws {
    let group = group(
      try range("10.0.0.1", "10.0.0.1"), try range("10.0.0.2", "10.0.0.2", port: 81),
      .mark(20, family: nil))
    let methods: [Forwarding] = [.nat, .direct, .tunnel(.ipip)]
    let destinations = methods.map { method in
      Destination(
        Destination.Identity(address: .ipv4(IPv4Address(10, 1, 0, 1)), port: 8080),
        forwarding: method, weight: 1)
    }
    let wanted = ServiceExpansion(server(), groups: [group]).wanting(destinations)
    #expect(
      wanted.map { $0.destinations.map(\.identity.port) } == [
        [8080, 80], [8080, 81], [8080, 0],
      ])
    let portless = ServiceExpansion(server(), groups: [group]).wanting([
      Destination(
        Destination.Identity(address: .ipv4(IPv4Address(10, 1, 0, 1)), port: 0), weight: 1)
    ])
    #expect(portless.map { $0.destinations.map(\.identity.port) } == [[0], [0], [0]])
  }

  @Test("What becomes one by its port is there once, as its first line says")
  func merged() throws {
    let group = group(try range("10.0.0.1", "10.0.0.1"))
    let lines: [(port: UInt16, weight: UInt32)] = [(0, 3), (80, 4)]
    let destinations = lines.map { line in
      Destination(
        Destination.Identity(address: .ipv4(IPv4Address(10, 1, 0, 1)), port: line.port),
        forwarding: .direct, weight: line.weight)
    }
    let wanted = ServiceExpansion(server(), groups: [group]).wanting(destinations)
    #expect(wanted.map { $0.destinations.map(\.weight) } == [[3]])
  }

  @Test("Real and sorry servers become destinations")
  func servers() throws {
    var real = RealServer(address: try address("10.1.0.1"), port: 80)
    real.forwarding = .direct
    real.weight = 7
    real.upperThreshold = 100
    real.lowerThreshold = 80
    let destination = Destination(real, weight: 0)
    #expect(destination.weight == 0)
    #expect(destination.upperThreshold == 100)
    #expect(destination.lowerThreshold == 80)
    #expect(destination.forwarding == .direct)
    let sorry = SorryServer(address: try address("10.1.0.9"), port: 0)
    #expect(Destination(sorry).weight == 1)
  }
}

@Suite("Time-outs of IPVS")
struct TimeoutTests {
  @Test("Timeouts replace the kernel's where they are given")
  func timeouts() {
    let original = Timeouts(tcp: 900, tcpFin: 120, udp: 300)
    var configured = LVSGlobals()
    configured.timeoutTCP = 10
    configured.timeoutUDP = 0
    #expect(original.replaced(by: configured) == Timeouts(tcp: 10, tcpFin: 120, udp: 300))
  }
}
