import IPVS
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import Kernel

/// The numbers are in the byte order of a little-endian machine.
@Suite("Messages of IPVS")
struct IPVSMessageTests {
  /// Without the header of netlink.
  func hexText(_ request: Request) -> String {
    request.message(family: 25).bytes(sequence: 1).dropFirst(16).map { hex($0) }.joined()
  }

  func joined(_ parts: String...) -> String { parts.joined().filter { $0 != " " } }

  func address(_ text: String) throws -> IPAddress { try #require(IPAddress(parsing: text)) }

  func service(_ text: String = "10.0.0.1", scheduler: String = "rr") throws -> Service {
    Service(.address(try address(text), port: 80, .tcp), Service.Settings(scheduler: scheduler))
  }

  @Test("A persistent service of TCP, as captured")
  func capturedService() throws {
    var service = try service()
    service.settings.persistence = Persistence(timeout: 30)
    #expect(
      hexText(Request(.addService(service)))
        == joined(
          "01010000",  // NEW_SERVICE, version 1
          "54000180",  // SERVICE
          "06000100 02000000",  // AF
          "06000200 06000000",  // PROTOCOL
          "14000300 0a000001 00000000 00000000 00000000",  // ADDR
          "06000400 00500000",  // PORT
          "07000600 72720000",  // SCHED_NAME
          "0c000700 01000000 ffffffff",  // FLAGS: PERSISTENT
          "08000800 1e000000",  // TIMEOUT
          "08000900 ffffffff"))  // NETMASK
  }

  @Test("A destination of a mark, as captured")
  func capturedDestination() throws {
    let service = Service(.mark(5, .ipv4), Service.Settings(scheduler: "wlc"))
    let destination = Destination(
      Destination.Identity(address: try address("10.1.0.1"), port: 80), weight: 1)
    #expect(
      hexText(Request(.addDestination(destination, service)))
        == joined(
          "05010000",  // NEW_DEST
          "38000180 06000100 02000000 08000500 05000000 08000600 776c6300",
          "0c000700 00000000 ffffffff 08000800 00000000 08000900 ffffffff",
          "48000280",  // DEST
          "06000b00 02000000",  // ADDR_FAMILY
          "14000100 0a010001 00000000 00000000 00000000",  // ADDR
          "06000200 00500000",  // PORT
          "08000300 00000000",  // FWD_METHOD
          "08000400 01000000",  // WEIGHT
          "08000500 00000000 08000600 00000000"))  // U_THRESH, L_THRESH
  }

  @Test("A destination's service comes without its persistence")
  func destinationOfPersistentService() throws {
    var persistent = try service()
    persistent.settings.persistence = Persistence(timeout: 30)
    persistent.settings.persistence?.engine = "sip"
    persistent.settings.persistence?.granularity = .mask(IPv4Address(255, 255, 255, 0))
    let destination = Destination(
      Destination.Identity(address: try address("10.1.0.1"), port: 80), weight: 1)
    #expect(
      hexText(Request(.changeDestination(destination, persistent)))
        == hexText(Request(.changeDestination(destination, try service()))))
  }

  @Test("All of a service's settings, over IPv6")
  func fullService() throws {
    var service = try service("fd00::1", scheduler: "mh")
    service.settings.isOnePacket = true
    service.settings.schedulerFlags = [.first, .second]
    service.settings.persistence = Persistence(timeout: 360)
    service.settings.persistence?.engine = "sip"
    service.settings.persistence?.granularity = .prefix(64)
    #expect(
      hexText(Request(.changeService(service)))
        == joined(
          "02010000 5c000180 06000100 0a000000 06000200 06000000",
          "14000300 fd000000 00000000 00000000 00000001 06000400 00500000",
          "07000600 6d680000",
          "08000b00 73697000",  // PE_NAME
          "0c000700 1d000000 ffffffff 08000800 68010000 08000900 40000000"))
  }

  @Test("Tunnels carry their type, and the port and checksum that the type has")
  func tunnels() throws {
    let service = try service()
    func forwarding(_ forwarding: Forwarding) throws -> String {
      let destination = Destination(
        Destination.Identity(address: try address("10.1.0.1"), port: 80), forwarding: forwarding,
        weight: 1)
      let text = hexText(Request(.addDestination(destination, service)))
      // From FWD_METHOD on.
      let start = try #require(text.firstRange(of: "08000300"))
      return String(text[start.lowerBound...])
    }
    let end = "08000500 00000000 08000600 00000000"
    let weight = "08000400 01000000"
    #expect(try forwarding(.direct) == joined("08000300 03000000", weight, end))
    #expect(
      try forwarding(.tunnel(.ipip))
        == joined("08000300 02000000", weight, "05000d00 00000000", end))
    #expect(
      try forwarding(.tunnel(.gue(port: 6080, .remote)))
        == joined(
          "08000300 02000000", weight, "05000d00 01000000", "06000e00 17c00000",
          "06000f00 02000000", end))
    #expect(
      try forwarding(.tunnel(.gre(.local)))
        == joined(
          "08000300 02000000", weight, "05000d00 02000000", "06000f00 01000000", end))
  }

  @Test("A sync daemon starts with what is configured, and stops by its role and number")
  func daemons() throws {
    var daemon = SyncDaemon(.master, interface: "eth0", syncID: 77)
    #expect(
      hexText(Request(.startDaemon(daemon)))
        == joined(
          "09010000 20000380 08000100 01000000",
          "09000200 65746830 00000000 08000300 4d000000"))
    daemon.maxLength = 1000
    daemon.port = 8849
    daemon.ttl = 3
    daemon.group = try address("224.0.0.82")
    #expect(
      hexText(Request(.startDaemon(daemon)))
        == joined(
          "09010000 40000380 08000100 01000000 09000200 65746830 00000000 08000300 4d000000",
          "06000400 e8030000 06000700 91220000 05000800 03000000 08000500 e0000052"))
    #expect(
      hexText(Request(.stopDaemon(.backup, syncID: 77)))
        == joined("0a010000 14000380 08000100 02000000 08000300 4d000000"))
  }

  @Test("Timeouts and the flush of everything")
  func others() {
    #expect(
      hexText(Request(.setTimeouts(Timeouts(tcp: 900, tcpFin: 120, udp: 300))))
        == joined("0c010000 08000400 84030000 08000500 78000000 08000600 2c010000"))
    #expect(hexText(Request(.flush)) == "11010000")
  }

  // MARK: Decoding

  func received(_ request: Request) -> NetlinkMessage {
    NetlinkMessage(
      type: 25, sender: 0,
      payload: Array(request.message(family: 25).bytes(sequence: 1).dropFirst(16)))
  }

  @Test("What is sent can be read again")
  func roundTrip() throws {
    var service = try service("fd00::1", scheduler: "sh")
    service.settings.schedulerFlags = [.third]
    service.settings.isOnePacket = true
    service.settings.persistence = Persistence(timeout: 7)
    service.settings.persistence?.granularity = .prefix(48)
    #expect(Service(received(Request(.addService(service)))) == service)
    let mark = Service(.mark(.max, .ipv6), Service.Settings(scheduler: "wlc"))
    #expect(Service(received(Request(.addService(mark)))) == mark)
    for forwarding: Forwarding in [
      .nat, .direct, .tunnel(.ipip), .tunnel(.gue(port: 1, .local)), .tunnel(.gre(.none)),
    ] {
      let destination = Destination(
        Destination.Identity(address: try address("10.1.0.1"), port: 8080), forwarding: forwarding,
        weight: 0x7fff_ffff, upperThreshold: 10, lowerThreshold: 5)
      #expect(Destination(received(Request(.addDestination(destination, mark)))) == destination)
    }
    var daemon = SyncDaemon(.backup, interface: "eth0", syncID: 255)
    daemon.group = try address("ff05::1")
    #expect(SyncDaemon(received(Request(.startDaemon(daemon)))) == daemon)
    let timeouts = Timeouts(tcp: 1, tcpFin: 2, udp: .max)
    #expect(Timeouts(received(Request(.setTimeouts(timeouts)))) == timeouts)
  }

  @Test("Whatever else comes in is refused or read, never trapped over")
  func hostile() throws {
    let destination = Destination(
      Destination.Identity(address: try address("fd00::2"), port: 8080),
      forwarding: .tunnel(.gue(port: 1, .local)), weight: 1)
    let requests = [
      Request(.addService(try service())), Request(.addDestination(destination, try service())),
      Request(.startDaemon(SyncDaemon(.backup, interface: "eth0", syncID: 1))),
      Request(.setTimeouts(Timeouts(tcp: 1, tcpFin: 2, udp: 3))),
    ]
    for request in requests {
      let whole = received(request).payload
      for count in 0..<whole.count { readAll(Array(whole.prefix(count))) }
      for index in whole.indices {
        for value: UInt8 in [0, 1, 3, 4, 0x7f, 0xff] {
          var changed = whole
          changed[index] = value
          readAll(changed)
        }
      }
    }
    #expect(Service(NetlinkMessage(type: 25, sender: 0, payload: [])) == nil)
  }

  func readAll(_ payload: [UInt8]) {
    let message = NetlinkMessage(type: 25, sender: 0, payload: payload)
    _ = Service(message)
    _ = Destination(message)
    _ = SyncDaemon(message)
    _ = Timeouts(message)
  }
}

@Suite("Generic netlink")
struct GenericNetlinkTests {
  @Test("The number of a family is asked for by its name")
  func family() throws {
    let channel = try NetlinkChannel(16)
    // The family that knows the others has a number of its own.
    #expect(try channel.genericFamily("nlctrl") == 16)
    #expect(throws: Errno.noEntry) { try channel.genericFamily("no such family") }
  }

  @Test("A network namespace that is not there is named")
  func namespace() {
    #expect(throws: IPVSChannel.Failure.self) {
      try IPVSChannel(namespaceFile: "/run/netns/there-is-none")
    }
  }
}
