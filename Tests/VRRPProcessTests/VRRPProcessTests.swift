import Configuration
import EventLoop
import Kernel
import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing
import VRRP

@testable import ProcessFrame
@testable import VRRPProcess

/// The process as a whole, without rights: the network is a fake.
@Suite("VRRP process")
struct VRRPProcessTests {
  final class Bench {
    let kernel: FakeNetwork
    let child: TestChild
    let process: VRRPProcess

    init(
      _ text: String, _ change: (inout ChildContext.Options) -> Void = { _ in },
      links: [NetworkInterface] = NetworkInterface.ethernet("eth0", 2)
        + NetworkInterface.ethernet("eth1", 3),
      prepare: (FakeNetwork) -> Void = { _ in }
    ) throws {
      kernel = try FakeNetwork(links)
      for index: UInt8 in [2, 3] {
        _ = kernel.perform([
          .add(
            .address(
              AddressAssignment(
                interface: InterfaceIndex(rawValue: UInt32(index)),
                address: .ipv4(IPv4Address(192, 168, index, 1)), prefixLength: 24, scope: 0,
                broadcast: nil, label: "", peer: nil, flags: [], preferredLifetime: nil,
                origin: 0)))
        ])
      }
      prepare(kernel)
      child = try TestChild(
        .vrrp, "global_defs {\n}\n" + text, interfaces: links, change: change)
      process = VRRPProcess(child.frame, kernel)
      try child.start(process)
    }

    /// The router becomes MASTER by itself: nobody else is there.
    func becomesMaster(_ names: String...) throws -> Bool {
      try child.turn { names.allSatisfy { state($0) == .master } }
    }

    func state(_ name: String) -> RouterState? {
      process.routers.firstIndex { $0.name == name }.map { process.core.routers[$0].state }
    }

    /// The virtual addresses on an interface.
    func addresses(on index: UInt32 = 2) -> [String] {
      kernel.texts(on: index).filter { !$0.hasPrefix("192.168.") }
    }

    func reload(_ text: String) throws { try child.reload("global_defs {\n}\n" + text) }
  }

  /// Alone, it is MASTER within some tens of milliseconds.
  static func instance(
    _ name: String, id: Int = 51, _ addresses: String, state: String = "MASTER",
    interface: String = "eth0", more: String = ""
  ) -> String {
    """
    vrrp_instance \(name) {
      version 3
      state \(state)
      interface \(interface)
      virtual_router_id \(id)
      priority 200
      advert_int 0.02
      virtual_ipaddress {
        \(addresses)
      }
      \(more)
    }

    """
  }

  @Test("A MASTER has its addresses, adverts and announcements; the stop takes all back")
  func master() throws {
    let bench = try Bench(Self.instance("A", "10.0.0.1/24\n10.0.0.2/24"))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses() == ["10.0.0.1/24", "10.0.0.2/24"])
    #expect(try bench.child.turn { bench.kernel.frames.count >= 2 })
    let port = try #require(bench.kernel.ports.first)
    #expect(try bench.child.turn { port.sent.count >= 3 })
    bench.child.frame.stop()
    #expect(bench.addresses() == [])
    // The farewell has priority 0 (RFC 5798 6.4.3), behind an IPv4 header.
    #expect(port.sent.last.map { $0[22] } == 0)
  }

  @Test("What changes after the stop began is told to nobody")
  func afterTheStop() throws {
    let bench = try Bench(
      "vrrp_notify_fifo \"/none\"\n" + Self.instance("A", "10.0.0.1/24"))
    #expect(try bench.becomesMaster("A"))
    bench.child.frame.stop()
    let said = bench.child.logged.count
    let down = try #require(NetworkInterface.parsed(NetlinkBytes.link("eth0", index: 2, flags: 2)))
    bench.kernel.happens(.link(down))
    bench.process.trackerChanged(TrackerID(.interface, 0), .down)
    #expect(try !bench.child.turn { bench.state("A") == .fault })
    #expect(bench.child.logged.count == said)
    #expect(bench.process.routers.first?.announcedState == .stop)
  }

  @Test("A tracked source that somebody takes is a fault until it is back")
  func trackedSource() throws {
    let source = try #require(IPAddress(parsing: "192.168.2.7"))
    let tracking = "unicast_src_ip \(source)\ntrack_src_ip\nunicast_peer {\n192.168.2.9\n}"
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24", more: tracking)
        + Self.instance("B", id: 52, "10.0.0.2/24"))
    #expect(try bench.becomesMaster("B"))
    #expect(bench.state("A") == .fault)
    let link = InterfaceIndex(rawValue: 2)
    bench.kernel.happens(
      .address(InterfaceAddress(interface: link, address: source, prefixLength: 24)))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.happens(
      .addressDeleted(InterfaceAddress(interface: link, address: source, prefixLength: 24)))
    #expect(try bench.child.turn { bench.state("A") == .fault })
    #expect(bench.state("B") == .master)
    #expect(bench.addresses() == ["10.0.0.2/24"])
  }

  @Test("What a predecessor left behind is taken away at the start")
  func leftovers() throws {
    let text = Self.instance("A", "10.0.0.1/24", state: "BACKUP")
    let first = try Bench(text)
    #expect(try first.becomesMaster("A"))
    let heir = try TestChild(.vrrp, text, interfaces: first.kernel.links)
    let process = VRRPProcess(heir.frame, first.kernel)
    try heir.start(process)
    #expect(first.addresses() == [])
  }

  @Test("An address that somebody takes from a MASTER makes it begin anew")
  func lost() throws {
    let bench = try Bench(Self.instance("A", "10.0.0.1/24"))
    #expect(try bench.becomesMaster("A"))
    bench.kernel.takes(.ipv4(IPv4Address(10, 0, 0, 1)))
    #expect(try bench.child.turn { bench.addresses() == ["10.0.0.1/24"] })
    #expect(try bench.becomesMaster("A"))
  }

  @Test("An address that the kernel sets late is announced then")
  func late() throws {
    let bench = try Bench("")
    let address = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
    bench.kernel.refusals[address] = .permission
    try bench.reload(Self.instance("A", "10.0.0.1/24"))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses() == [])
    bench.kernel.refusals = [:]
    bench.kernel.frames = []
    bench.process.network.addresses.retry.timerFired(token: 0, at: Clock.now)
    #expect(bench.addresses() == ["10.0.0.1/24"])
    #expect(bench.kernel.frames.count >= 1)
  }

  @Test("A link that goes down makes FAULT, and MASTER again when it is back")
  func link() throws {
    let bench = try Bench(Self.instance("A", "10.0.0.1/24"))
    #expect(try bench.becomesMaster("A"))
    let down = try #require(NetworkInterface.parsed(NetlinkBytes.link("eth0", index: 2, flags: 2)))
    bench.kernel.happens(.link(down))
    #expect(try bench.child.turn { bench.state("A") == .fault })
    #expect(bench.addresses() == [])
    for link in NetworkInterface.ethernet("eth0", 2) { bench.kernel.happens(.link(link)) }
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses() == ["10.0.0.1/24"])
  }

  @Test("Another hardware address under a MASTER's addresses is announced")
  func hardwareAddress() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24")
        + Self.instance("B", id: 52, "10.0.0.2/24", interface: "eth1"))
    #expect(try bench.becomesMaster("A", "B"))
    #expect(try bench.child.turn { bench.kernel.frames.count >= 10 })
    let before = bench.kernel.frames.count
    let new: [UInt8] = [2, 0, 0, 0, 0x77, 0x77]
    let link = try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link("eth0", index: 2) + NetlinkBytes.attribute(1, new)))
    #expect(link.address != bench.kernel.links.first?.address)
    bench.kernel.happens(.link(link))
    #expect(try bench.child.turn { bench.kernel.frames.count >= before + 5 })
    let frames = bench.kernel.frames.dropFirst(before)
    // The sender of the frame and that in the ARP message.
    #expect(frames.allSatisfy { $0.interface.rawValue == 2 })
    #expect(
      frames.allSatisfy { Array($0.octets[6..<12]) == new && Array($0.octets[22..<28]) == new })
    let line = "(eth0) MAC Address changed from 02:00:00:00:00:02 to 02:00:00:00:77:77"
    #expect(bench.child.logged.count { $0 == line } == 1)
    // The same address again is none.
    bench.kernel.happens(.link(link))
    let other = try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link("eth1", index: 3) + NetlinkBytes.attribute(1, new)))
    bench.kernel.happens(.link(other))
    #expect(
      try bench.child.turn { bench.child.logged.contains { $0.hasPrefix("(eth1) MAC Address") } })
    #expect(bench.child.logged.count { $0 == line } == 1)
    #expect(bench.state("A") == .master)
  }

  @Test("After an overrun everything is looked at again")
  func overrun() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24") + "static_ipaddress {\n10.9.0.1/24 dev eth1\n}\n")
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses(on: 3) == ["10.9.0.1/24"])
    bench.kernel.loses(.ipv4(IPv4Address(10, 9, 0, 1)))
    bench.kernel.overruns()
    #expect(try bench.child.turn { bench.addresses(on: 3) == ["10.9.0.1/24"] })
    #expect(bench.child.logged.contains { $0.hasPrefix("Netlink: Receive buffer overrun") })
  }

  // MARK: What several share at a reload

  @Test("An address that moves from a later instance to an earlier one stays, untouched")
  func movesUp() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24") + Self.instance("B", id: 52, "10.0.0.2/24\n10.0.0.3/24"))
    #expect(try bench.becomesMaster("A", "B"))
    bench.kernel.changes = []
    try bench.reload(
      Self.instance("A", "10.0.0.1/24\n10.0.0.3/24") + Self.instance("B", id: 52, "10.0.0.2/24"))
    #expect(Set(bench.addresses()) == ["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24"])
    #expect(bench.kernel.changes == [])
    #expect(bench.state("A") == .master && bench.state("B") == .master)
  }

  @Test("Two instances that swap their VRIDs keep their addresses")
  func swap() throws {
    let bench = try Bench(
      Self.instance("A", id: 51, "10.0.0.1/24") + Self.instance("B", id: 52, "10.0.0.2/24"))
    #expect(try bench.becomesMaster("A", "B"))
    bench.kernel.changes = []
    try bench.reload(
      Self.instance("A", id: 52, "10.0.0.1/24") + Self.instance("B", id: 51, "10.0.0.2/24"))
    #expect(Set(bench.addresses()) == ["10.0.0.1/24", "10.0.0.2/24"])
    #expect(bench.kernel.changes == [])
    // And they still go with their routers.
    bench.child.frame.stop()
    #expect(bench.addresses() == [])
  }

  @Test("An address that becomes a static one, and the other way round, stays")
  func becomesStatic() throws {
    let fixed = "static_ipaddress {\n10.0.0.2/24 dev eth0\n}\n"
    let both = Self.instance("A", "10.0.0.1/24\n10.0.0.2/24")
    let bench = try Bench(both)
    #expect(try bench.becomesMaster("A"))
    bench.kernel.changes = []
    try bench.reload(fixed + Self.instance("A", "10.0.0.1/24"))
    #expect(Set(bench.addresses()) == ["10.0.0.1/24", "10.0.0.2/24"])
    try bench.reload(both)
    #expect(Set(bench.addresses()) == ["10.0.0.1/24", "10.0.0.2/24"])
    #expect(bench.kernel.changes == [])
  }

  @Test("The addresses of an instance that is gone go with it, those of others stay")
  func removed() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24") + Self.instance("B", id: 52, "10.0.0.2/24"))
    #expect(try bench.becomesMaster("A", "B"))
    try bench.reload(Self.instance("B", id: 52, "10.0.0.2/24"))
    #expect(bench.addresses() == ["10.0.0.2/24"])
    #expect(bench.state("B") == .master)
  }

  @Test("An announcement knows what was before, also from before a reload, and why it is so")
  func announcements() throws {
    let text = Self.instance("A", "10.0.0.1/24")
    let bench = try Bench(text)
    #expect(try bench.becomesMaster("A"))
    let router = try #require(bench.process.routers.first)
    #expect(router.announcedState == .master)
    try bench.reload(text + Self.instance("B", id: 52, "10.0.0.2/24", state: "BACKUP"))
    #expect(bench.process.routers.map(\.announcedState) == [.master, .backup])
    #expect(bench.process.core.routerViews.first?.masterReason == .masterNoResponse)
  }
}
