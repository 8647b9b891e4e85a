import Primitives
import ProcessTestSupport
import SystemIO
import SystemTestSupport
import Testing
import VRRP

@testable import Kernel
@testable import ProcessFrame
@testable import VRRPProcess

/// VMACs and ipvlans, from the configuration to the kernel, which is a fake.
@Suite("Virtual links")
struct VirtualLinkTests {
  typealias Bench = VRRPProcessTests.Bench

  static func instance(
    _ name: String = "A", id: Int = 51, _ addresses: String = "10.0.0.1/24",
    interface: String = "eth0", _ more: String = "use_vmac"
  ) -> String {
    VRRPProcessTests.instance(name, id: id, addresses, interface: interface, more: more)
  }

  func macvlan(
    _ name: String, _ index: UInt32, on parent: UInt32 = 2, address: [UInt8],
    flags: UInt32 = 0x1_1043
  ) throws -> NetworkInterface {
    try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link(
          name, index: index, flags: flags,
          extra: NetlinkBytes.attribute(5, NetlinkBytes.number(parent))
            + NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1)))
            + NetlinkBytes.attribute(1, address))))
  }

  let standard: [UInt8] = [0, 0, 0x5e, 0, 1, 51]

  // MARK: Life

  @Test("A VMAC is made at the start, has adverts and addresses, and goes at the stop")
  func life() throws {
    let bench = try Bench(Self.instance())
    let link = try #require(bench.kernel.link("vrrp.51"))
    #expect(link.address == MACAddress([0, 0, 0x5e, 0, 1, 51]))
    #expect(link.isUp && link.base.rawValue == 2)
    #expect(bench.kernel.values[.ipv6("disable_ipv6", interface: "vrrp.51")] == "1")
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses(on: link.index.rawValue) == ["10.0.0.1/24"])
    #expect(bench.addresses() == [])
    let port = try #require(bench.kernel.ports.first)
    #expect(port.endpoint.interfaceName == "vrrp.51" && port.endpoint.interface == link.index)
    // From the address of its parent: behind the IPv4 header's first 12 octets.
    #expect(port.sent.first.map { Array($0[12..<16]) } == [192, 168, 2, 1])
    #expect(try bench.child.turn { !bench.kernel.frames.isEmpty })
    #expect(bench.kernel.frames.allSatisfy { $0.interface == link.index })
    #expect(bench.kernel.frames.allSatisfy { Array($0.octets[6..<12]) == standard })
    bench.child.frame.stop()
    bench.process.cleanUp()
    #expect(bench.kernel.link("vrrp.51") == nil)
  }

  @Test("What is asked of the kernel has the order of the reference")
  func order() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24", "use_vmac group 7 netlink_notify_msg"))
    let index = try #require(bench.kernel.link("vrrp.51")).index
    let words = bench.kernel.changes.compactMap { change -> String? in
      switch change {
      case .add(.link(let link)): "make \(link.name) on \(link.parent.rawValue), \(link.group)"
      case .set(let settings):
        "set \(settings.index == index ? "link" : "parent")"
          + " \(settings.ipv4.values.map { "\($0.number)=\($0.value)" })"
          + "\(settings.generatesNoAddress ? " quiet" : "")\(settings.isUp ? " up" : "")"
          + "\(settings.group.map { " group \($0)" } ?? "")"
      case .add, .replace, .remove, .removeLinks: nil
      }
    }
    #expect(
      words == [
        "make vrrp.51 on 2, 7",
        #"set link ["19=1", "23=1", "8=0", "20=1"]"#, #"set parent ["19=1", "13=1"]"#,
        "set link [] quiet", "set link [] up", "set parent [] group 0",
      ])
  }

  @Test("A VMAC over IPv6 has the link-local address of its parent, from which adverts come")
  func ipv6() throws {
    let bench = try Bench(Self.instance("A", "fe80::1\n2001:db8::1/64", "use_vmac"))
    let link = try #require(bench.kernel.link("vrrp.51"))
    #expect(link.address == MACAddress([0, 0, 0x5e, 0, 2, 51]))
    #expect(bench.kernel.values[.ipv6("disable_ipv6", interface: "vrrp.51")] == "0")
    // The parent has none: that of its hardware address.
    let own = "fe80::ff:fe00:2"
    #expect(bench.kernel.texts(on: link.index.rawValue) == ["\(own)/64"])
    #expect(bench.process.core.routers[0].source?.description == own)
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.texts(on: link.index.rawValue).count == 3)
  }

  @Test("With vmac_xmit_base adverts leave by the parent, addresses are on the VMAC")
  func transmitBase() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24", "use_vmac\nvmac_xmit_base")
        + Self.instance("B", id: 52, "fe80::1", "use_vmac\nvmac_xmit_base"))
    let link = try #require(bench.kernel.link("vrrp.51"))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses(on: link.index.rawValue) == ["10.0.0.1/24"])
    #expect(bench.kernel.ports.first?.endpoint.interfaceName == "eth0")
    let second = try #require(bench.kernel.link("vrrp.52"))
    #expect(bench.kernel.texts(on: second.index.rawValue) == [])
    #expect(bench.state("B") == .fault)
  }

  @Test("Addresses on other interfaces have VMACs of their own, one for each interface and family")
  func addressLinks() throws {
    let bench = try Bench(
      Self.instance(
        "A", "10.0.0.1/24\n10.1.0.1/24 dev eth1\n10.1.0.2/24 dev eth1",
        "use_vmac\nuse_vmac_addr\nvirtual_ipaddress_excluded {\n2001:db8::1/64 dev eth1\n}")
        + Self.instance("B", id: 52, "10.2.0.1/24 use_vmac\n10.2.0.2/24", ""))
    #expect(try bench.becomesMaster("A", "B"))
    let first = try #require(bench.kernel.link("vrrp1.51"))
    let second = try #require(bench.kernel.link("vrrp6.51"))
    let third = try #require(bench.kernel.link("vrrp.52"))
    #expect(first.base.rawValue == 3 && second.base.rawValue == 3 && third.base.rawValue == 2)
    #expect(bench.addresses(on: first.index.rawValue) == ["10.1.0.1/24", "10.1.0.2/24"])
    #expect(bench.addresses(on: second.index.rawValue).contains("2001:db8::1/64"))
    #expect(bench.addresses(on: third.index.rawValue) == ["10.2.0.1/24"])
    #expect(bench.addresses() == ["10.2.0.2/24"])
  }

  @Test("An ipvlan has its address, from which adverts come, and no hardware address")
  func ipvlan() throws {
    let bench = try Bench(Self.instance("A", "10.0.0.1/24", "use_ipvlan private ipv 10.9.0.1/24"))
    let link = try #require(bench.kernel.link("ipv"))
    #expect(link.kind == "ipvlan" && link.isUp)
    #expect(bench.kernel.texts(on: link.index.rawValue) == ["10.9.0.1/24"])
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses() == ["10.0.0.1/24"])
    #expect(bench.kernel.ports.first?.endpoint.interfaceName == "ipv")
    #expect(bench.kernel.ports.first?.sent.first.map { Array($0[12..<16]) } == [10, 9, 0, 1])
    let settings = bench.kernel.changes.filter { if case .set = $0 { true } else { false } }
    #expect(settings.count == 1)
  }

  @Test("Announcements are repeated where no adverts come from: garp_extra_if")
  func extraInterfaces() throws {
    func extra(_ lines: String, addresses: String = "10.0.0.1/24\n10.1.0.1/24 dev eth1") throws
      -> [Bool]
    {
      let bench = try Bench(Self.instance("A", addresses, lines))
      return bench.process.routers[0].configuration.addresses.map(\.isOnExtraInterface)
    }
    #expect(try extra("use_vmac\ngarp_extra_if 5") == [false, false])
    #expect(try extra("use_vmac\ngarp_extra_if all 5") == [false, true])
    #expect(try extra("use_vmac\nuse_vmac_addr\ngarp_extra_if 5") == [false, true])
    #expect(try extra("use_vmac\nvmac_xmit_base\ngarp_extra_if 5") == [true, false])
  }

  // MARK: What is there already

  @Test("The VMAC of a crashed predecessor is used, whatever its name, and its addresses go")
  func adoption() throws {
    let links =
      NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
      + [try macvlan("old", 9, address: standard)]
    let bench = try Bench(Self.instance("A", "10.0.0.1/24", "use_vmac new"), links: links)
    #expect(bench.kernel.link("new") == nil)
    #expect(
      bench.child.logged.contains("(A) vmac name mismatch new <=> old. changing to old."))
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses(on: 9) == ["10.0.0.1/24"])
    bench.child.frame.stop()
    bench.process.cleanUp()
    #expect(bench.kernel.link("old") == nil)
  }

  @Test("A VMAC that is found switched off stays so, and its instance at fault")
  func adoptedDown() throws {
    let links =
      NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
      + [try macvlan("vrrp.51", 9, address: standard, flags: 0x1002)]
    let bench = try Bench(Self.instance(), links: links)
    #expect(bench.state("A") == .fault)
    #expect(bench.kernel.link("vrrp.51")?.isUp == false)
  }

  @Test("A foreign interface keeps the standard name, a VMAC of another parent makes room")
  func obstacles() throws {
    let links =
      NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
      + NetworkInterface.ethernet("vrrp.51", 9)
      + [try macvlan("mine", 10, on: 3, address: [0, 0, 0x5e, 0, 1, 52])]
      + [try macvlan("his", 11, address: [2, 0, 0, 9, 9, 9])]
    let bench = try Bench(
      Self.instance() + Self.instance("B", id: 52, "10.0.0.2/24", "use_vmac mine")
        + Self.instance("C", id: 53, "10.0.0.3/24", "use_vmac his"), links: links)
    #expect(bench.kernel.link("vrrp.51")?.index.rawValue == 9)
    #expect(bench.kernel.link("vrrp1.51")?.isUp == true)
    #expect(bench.kernel.link("mine")?.base.rawValue == 2)
    #expect(bench.kernel.link("mine")?.index.rawValue != 10)
    #expect(bench.kernel.link("his")?.index.rawValue == 11)
    #expect(bench.kernel.link("his")?.address == MACAddress([0, 0, 0x5e, 0, 1, 53]))
    #expect(try bench.becomesMaster("A", "B", "C"))
  }

  @Test("The next free name is taken; over IPv6 that with a 6 comes first")
  func names() throws {
    let taken = ["vrrp.51", "vrrp1.51", "vrrp.52", "vrrp6.53", "vrrp.53"]
    let links =
      NetworkInterface.ethernet("eth0", 2) + NetworkInterface.ethernet("eth1", 3)
      + taken.enumerated().flatMap { NetworkInterface.ethernet($1, UInt32(10 + $0)) }
    let bench = try Bench(
      Self.instance() + Self.instance("B", id: 52, "fe80::1", "use_vmac")
        + Self.instance("C", id: 53, "fe80::2", "use_vmac"), links: links)
    let made = bench.kernel.links.map(\.name).filter { $0.contains(".") && !taken.contains($0) }
    #expect(made == ["vrrp2.51", "vrrp6.52", "vrrp1.53"])
  }

  // MARK: What others do

  @Test("A VMAC that somebody deletes is made anew, with sockets and addresses")
  func deleted() throws {
    let bench = try Bench(Self.instance())
    #expect(try bench.becomesMaster("A"))
    let before = try #require(bench.kernel.link("vrrp.51")).index
    bench.kernel.deletesLink("vrrp.51")
    #expect(
      try bench.child.turn { bench.state("A") == .fault || bench.kernel.link("vrrp.51") != nil })
    #expect(try bench.becomesMaster("A"))
    let link = try #require(bench.kernel.link("vrrp.51"))
    #expect(link.index != before)
    #expect(try bench.child.turn { bench.addresses(on: link.index.rawValue) == ["10.0.0.1/24"] })
    #expect(bench.kernel.ports.last?.endpoint.interface == link.index)
    // Once more: nothing of the first time is left over.
    bench.kernel.deletesLink("vrrp.51")
    #expect(try bench.child.turn { bench.kernel.link("vrrp.51") != nil })
    #expect(try bench.becomesMaster("A"))
  }

  @Test("A VMAC that somebody renames goes, and is made anew under its name")
  func renamed() throws {
    let bench = try Bench(Self.instance())
    #expect(try bench.becomesMaster("A"))
    var link = try #require(bench.kernel.link("vrrp.51"))
    link.name = "stolen"
    bench.kernel.changesLink(link)
    #expect(try bench.child.turn { bench.kernel.link("vrrp.51")?.isUp == true })
    #expect(bench.kernel.link("stolen") == nil)
    #expect(try bench.becomesMaster("A"))
    let index = try #require(bench.kernel.link("vrrp.51")).index
    #expect(try bench.child.turn { bench.addresses(on: index.rawValue) == ["10.0.0.1/24"] })
    // The next loss is noticed as well.
    bench.kernel.deletesLink("vrrp.51")
    #expect(try bench.child.turn { bench.kernel.link("vrrp.51") != nil })
  }

  @Test("VMACs go with their parent and come with its successor")
  func parent() throws {
    let bench = try Bench(
      Self.instance() + Self.instance("B", id: 52, "10.0.0.2/24", "use_vmac"))
    #expect(try bench.becomesMaster("A", "B"))
    bench.kernel.deletesLink("eth0")
    #expect(try bench.child.turn { bench.state("A") == .fault && bench.state("B") == .fault })
    #expect(bench.kernel.link("vrrp.51") == nil)
    let link = try #require(NetworkInterface.ethernet("eth0", 20).first)
    bench.kernel.changesLink(link)
    #expect(try bench.child.turn { bench.kernel.link("vrrp.52")?.isUp == true })
    #expect(bench.kernel.link("vrrp.51")?.base.rawValue == 20)
    #expect(!bench.child.logged.contains { $0.contains("Netlink: error") })
  }

  @Test("On a parent that is switched off a VMAC waits for it")
  func waiting() throws {
    let down = try #require(
      NetworkInterface.parsed(NetlinkBytes.link("eth0", index: 2, flags: 0x1002)))
    let bench = try Bench(
      Self.instance(), links: [down] + NetworkInterface.ethernet("eth1", 3))
    #expect(bench.state("A") == .fault)
    #expect(bench.kernel.link("vrrp.51")?.isUp == false)
    for link in NetworkInterface.ethernet("eth0", 2) { bench.kernel.changesLink(link) }
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.link("vrrp.51")?.isUp == true)
  }

  @Test("What the kernel refuses is said, tried again, and concerns no other instance")
  func refused() throws {
    let bench = try Bench("")
    bench.kernel.linkRefusals["vrrp.51"] = .permission
    try bench.reload(Self.instance() + Self.instance("B", id: 52, "10.0.0.2/24", "use_vmac"))
    #expect(try bench.becomesMaster("B"))
    #expect(bench.state("A") == .fault)
    #expect(
      bench.child.logged.contains("(A): Unable to create VMAC interface vrrp.51"))
    bench.kernel.linkRefusals = [:]
    bench.process.network.links.retryNow()
    #expect(try bench.becomesMaster("A"))
    #expect(bench.kernel.link("vrrp.51")?.isUp == true)
  }

  @Test("An instance whose interface turns out to stand on another's is at fault while it does")
  func duplicate() throws {
    let bench = try Bench(
      Self.instance("A", "10.0.0.1/24", "")
        + Self.instance("B", "10.0.0.2/24", interface: "eth1", ""))
    #expect(try bench.becomesMaster("A", "B"))
    let changed = try macvlan("eth1", 30, address: [2, 0, 0, 0, 0, 3])
    bench.kernel.deletesLink("eth1")
    bench.kernel.changesLink(changed)
    #expect(
      try bench.child.turn {
        bench.process.core.routers[1].faults.contains(.duplicateVirtualRouterID)
      })
    #expect(bench.state("A") == .master && bench.state("B") == .fault)
    #expect(bench.child.logged.contains("VRID conflict between B and A IPv4 vrid 51"))
    bench.kernel.deletesLink("eth1")
    #expect(
      try bench.child.turn {
        !bench.process.core.routers[1].faults.contains(.duplicateVirtualRouterID)
      })
  }

  // MARK: Reload

  @Test("A reload leaves alone what stays, also the VMACs of other instances")
  func unchanged() throws {
    let bench = try Bench(Self.instance())
    #expect(try bench.becomesMaster("A"))
    bench.kernel.changes = []
    try bench.reload(Self.instance() + Self.instance("B", id: 52, "10.0.0.2/24", "use_vmac"))
    #expect(bench.state("A") == .master)
    #expect(
      !bench.kernel.changes.contains {
        if case .remove(.link) = $0 { true } else { false }
      })
    #expect(bench.kernel.changes.count { if case .add(.link) = $0 { true } else { false } } == 1)
    #expect(try bench.becomesMaster("B"))
    try bench.reload(Self.instance())
    #expect(bench.kernel.link("vrrp.52") == nil)
    #expect(bench.kernel.link("vrrp.51") != nil && bench.state("A") == .master)
  }

  @Test("Another name, or another hardware address, is another VMAC, and has the addresses")
  func anotherName() throws {
    let bench = try Bench(Self.instance())
    #expect(try bench.becomesMaster("A"))
    for (line, name) in [
      ("use_vmac two", "two"), ("use_vmac two 02:00:00:00:00:07", "two"), ("use_vmac", "vrrp.51"),
    ] {
      try bench.reload(Self.instance("A", "10.0.0.1/24", line))
      let link = try #require(bench.kernel.link(name))
      #expect(bench.kernel.links.count == 3)
      #expect(bench.state("A") == .master, "\(line)")
      #expect(bench.addresses(on: link.index.rawValue) == ["10.0.0.1/24"], "\(line)")
      #expect(bench.process.routers.first?.member?.endpoint.interface == link.index)
    }
  }

  @Test("An instance that gains or loses its VMAC begins anew")
  func gainsAndLoses() throws {
    let bench = try Bench(Self.instance("A", "10.0.0.1/24", ""))
    #expect(try bench.becomesMaster("A"))
    try bench.reload(Self.instance())
    #expect(bench.addresses() == [])
    #expect(try bench.becomesMaster("A"))
    let link = try #require(bench.kernel.link("vrrp.51"))
    #expect(bench.addresses(on: link.index.rawValue) == ["10.0.0.1/24"])
    try bench.reload(Self.instance("A", "10.0.0.1/24", ""))
    #expect(bench.kernel.link("vrrp.51") == nil)
    #expect(try bench.becomesMaster("A"))
    #expect(bench.addresses() == ["10.0.0.1/24"])
  }

  @Test("Several that go at once go as one group, and are expected to")
  func together() throws {
    let three = (51...53).map { Self.instance("V\($0)", id: $0, "10.0.0.\($0)/24") }.joined()
    let bench = try Bench(three + Self.instance("A", id: 60))
    #expect(try bench.becomesMaster("A", "V51", "V53"))
    bench.kernel.changes = []
    try bench.reload(Self.instance("A", id: 60))
    #expect(bench.kernel.links.map(\.name).filter { $0.hasPrefix("vrrp") } == ["vrrp.60"])
    #expect(
      bench.kernel.changes.count {
        if case .removeLinks = $0 { true } else { false }
      } == 1)
    // They come again, and their loss is noticed.
    try bench.reload(three + Self.instance("A", id: 60))
    #expect(try bench.becomesMaster("V51"))
    bench.kernel.deletesLink("vrrp.51")
    #expect(try bench.child.turn { bench.kernel.link("vrrp.51")?.isUp == true })
    bench.child.frame.stop()
    bench.process.cleanUp()
    #expect(bench.kernel.links.map(\.name) == ["eth0", "eth1"])
  }

  // MARK: Settings

  @Test("The filter of reverse paths is set for each interface while there is a VMAC, and back")
  func reversePaths() throws {
    let bench = try Bench("")
    bench.kernel.values[.ipv4("rp_filter", interface: "all")] = "1"
    try bench.reload(Self.instance())
    #expect(bench.kernel.values[.ipv4("rp_filter", interface: "all")] == "0")
    #expect(bench.kernel.values[.ipv4("rp_filter", interface: "default")] == "1")
    try bench.reload("")
    #expect(bench.kernel.values[.ipv4("rp_filter", interface: "all")] == "1")
    #expect(bench.kernel.values[.ipv4("rp_filter", interface: "default")] == "0")
  }

  @Test("A parent's own settings come back with its last VMAC")
  func parentSettings() throws {
    let bench = try Bench(
      Self.instance() + Self.instance("B", id: 52, "10.0.0.2/24", "use_vmac"))
    func settings() -> [LinkSettings] {
      bench.kernel.changes.compactMap { change in
        if case .set(let settings) = change, settings.index.rawValue == 2 { settings } else { nil }
      }
    }
    #expect(settings().count == 1)
    try bench.reload(Self.instance())
    #expect(settings().count == 1)
    try bench.reload("")
    #expect(settings().count == 2)
    #expect(settings().last?.ipv4.arpIgnore == 0 && settings().last?.ipv4.arpFilter == 0)
  }

  @Test("A name of an interface leads nowhere else", arguments: ["..", ".", "a/b", ""])
  func paths(name: String) {
    #expect(NetworkSetting.ipv4("rp_filter", interface: name).path == nil)
    #expect(NetworkSetting.ipv6("disable_ipv6", interface: name).path == nil)
  }

  // MARK: Observers

  final class Witness: VirtualLinkObserver {
    var seen: [String] = []
    func virtualLinksCame(_ links: [VirtualLinkReport]) { seen += links.map { "came \($0.name)" } }
    func virtualLinksGo(_ links: [VirtualLinkReport]) { seen += links.map { "goes \($0.name)" } }
  }

  @Test("Who takes care of VMACs hears of each that comes and goes, once")
  func observer() throws {
    let bench = try Bench("")
    let witness = Witness()
    bench.process.network.links.observer = witness
    try bench.reload(Self.instance())
    #expect(witness.seen == ["came vrrp.51"])
    bench.kernel.deletesLink("vrrp.51")
    #expect(try bench.child.turn { witness.seen.count == 3 })
    #expect(witness.seen == ["came vrrp.51", "goes vrrp.51", "came vrrp.51"])
    try bench.reload("")
    #expect(witness.seen.last == "goes vrrp.51" && witness.seen.count == 4)
  }
}
