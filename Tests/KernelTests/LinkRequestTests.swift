import Primitives
import SystemTestSupport
import Testing

@testable import Kernel

@Suite("Requests for links")
struct LinkRequestTests {
  func hexText(_ request: NetlinkRequest) -> String {
    request.bytes(sequence: 1).map { hex($0) }.joined()
  }

  func joined(_ parts: [String]) -> String { parts.joined().filter { $0 != " " } }

  let virtualAddress = MACAddress([0, 0, 0x5e, 0, 1, 0x33])

  // The numbers are in the byte order of a little-endian machine.
  @Test("A macvlan is made in private mode, with its name, address and group")
  func macvlan() {
    let link = VirtualLink(
      name: "vrrp.51", kind: .privateMacvlan(virtualAddress), parent: InterfaceIndex(rawValue: 3),
      group: 7)
    #expect(
      hexText(link.addition)
        == joined([
          "64000000 1000 0106 01000000 00000000",  // RTM_NEWLINK, REQUEST, EXCL and CREATE
          "00000000 00000000 00000000 00000000",
          "1c00 1280",  // IFLA_LINKINFO, nested
          "0c00 0100 6d6163766c616e00",  // IFLA_INFO_KIND "macvlan"
          "0c00 0280 0800 0100 01000000",  // IFLA_INFO_DATA: IFLA_MACVLAN_MODE private
          "0800 0500 03000000",  // IFLA_LINK
          "0c00 0300 767272702e353100",  // IFLA_IFNAME "vrrp.51"
          "0800 1b00 07000000",  // IFLA_GROUP
          "0a00 0100 00005e000133 0000",  // IFLA_ADDRESS
        ]))
  }

  @Test("An ipvlan of layer 2 has a mode and flags, and a VRF from the beginning")
  func ipvlan() {
    let link = VirtualLink(
      name: "i", kind: .ipvlan(.vepa), parent: InterfaceIndex(rawValue: 3),
      controller: InterfaceIndex(rawValue: 9))
    #expect(
      hexText(link.addition)
        == joined([
          "64000000 1000 0106 01000000 00000000", "00000000 00000000 00000000 00000000",
          "2400 1280",
          "0b00 0100 6970766c616e00 00",  // "ipvlan"
          "1400 0280 0600 0100 0000 0000 0600 0200 0200 0000",  // mode and flags
          "0800 0500 03000000", "0600 0300 6900 0000", "0800 1b00 00000000",
          "0800 0a00 09000000",  // IFLA_MASTER
        ]))
  }

  @Test("A link is removed by its number")
  func removal() {
    let link = VirtualLink(
      index: InterfaceIndex(rawValue: 8), name: "vrrp.51", kind: .privateMacvlan(virtualAddress),
      parent: InterfaceIndex(rawValue: 3))
    #expect(
      hexText(link.removal)
        == joined([
          "20000000 1100 0100 01000000 00000000", "00000000 08000000 00000000 00000000",
        ]))
  }

  @Test("A group of links is removed by its number")
  func groupRemoval() {
    #expect(
      hexText(NetworkChange.removeLinks(group: 0x4000_0001).request)
        == joined([
          "28000000 1100 0100 01000000 00000000", "00000000 00000000 00000000 00000000",
          "0800 1b00 01000040",
        ]))
  }

  @Test("Settings of IPv4 stand in their order, by the kernel's numbers")
  func ipv4() {
    var settings = LinkSettings(InterfaceIndex(rawValue: 8))
    settings.ipv4.rpFilter = 0
    settings.ipv4.arpIgnore = 1
    settings.ipv4.promoteSecondaries = 1
    settings.ipv4.acceptLocal = 1
    #expect(
      hexText(settings.request)
        == joined([
          "4c000000 1000 0100 01000000 00000000", "00000000 08000000 00000000 00000000",
          "2c00 1a80 2800 0280 2400 0180",  // IFLA_AF_SPEC, AF_INET, IFLA_INET_CONF
          "0800 1300 01000000",  // ARP_IGNORE
          "0800 1700 01000000",  // ACCEPT_LOCAL
          "0800 0800 00000000",  // RP_FILTER
          "0800 1400 01000000",  // PROMOTE_SECONDARIES
        ]))
  }

  @Test("A link is switched on, and makes no address of its own")
  func up() {
    var settings = LinkSettings(InterfaceIndex(rawValue: 8))
    settings.isUp = true
    #expect(
      hexText(settings.request)
        == joined([
          "20000000 1000 0100 01000000 00000000", "00000000 08000000 01000000 01000000",
        ]))
    settings = LinkSettings(InterfaceIndex(rawValue: 8))
    settings.generatesNoAddress = true
    #expect(
      hexText(settings.request)
        == joined([
          "30000000 1000 0100 01000000 00000000", "00000000 08000000 00000000 00000000",
          "1000 1a80 0c00 0a80 0500 0800 01 000000",  // AF_INET6, IFLA_INET6_ADDR_GEN_MODE none
        ]))
  }

  @Test("Group, VRF and address change alone; VRF 0 is none")
  func others() {
    var settings = LinkSettings(InterfaceIndex(rawValue: 8))
    settings.address = virtualAddress
    settings.group = 2
    settings.controller = InterfaceIndex.none
    #expect(
      hexText(settings.request)
        == joined([
          "3c000000 1000 0100 01000000 00000000", "00000000 08000000 00000000 00000000",
          "0a00 0100 00005e000133 0000", "0800 1b00 02000000", "0800 0a00 00000000",
        ]))
  }
}

@Suite("What the kernel says of virtual links")
struct VirtualLinkDecodingTests {
  @Test("The settings of IPv4 are read from the row of all of them")
  func settings() throws {
    var row = [UInt32](repeating: 0, count: 33)
    row[7] = 2
    row[12] = 1
    row[18] = 8
    let conf = NetlinkBytes.attribute(1, row.flatMap { NetlinkBytes.number($0) })
    let link = try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link(
          "eth0", index: 7,
          extra: NetlinkBytes.attribute(26, NetlinkBytes.attribute(2, conf))
            + NetlinkBytes.attribute(27, NetlinkBytes.number(UInt32(5))))))
    #expect(link.group == 5)
    let ipv4 = try #require(link.ipv4)
    #expect(ipv4.rpFilter == 2 && ipv4.arpFilter == 1 && ipv4.arpIgnore == 8)
    #expect(ipv4.acceptLocal == 0 && ipv4.promoteSecondaries == 0)
  }

  @Test("A row that is cut short has what it has", arguments: [0, 1, 31, 32, 33, 76, 80])
  func short(length: Int) {
    let row = [UInt8](repeating: 1, count: length)
    let ipv4 = IPv4LinkSettings(row: row[...])
    #expect((ipv4.rpFilter != nil) == (length >= 32))
    #expect((ipv4.promoteSecondaries != nil) == (length >= 80))
    #expect(ipv4.acceptLocal == nil)
  }

  @Test("A lower interface in another namespace is none of this one")
  func foreign() throws {
    let link = try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link(
          "m", index: 7,
          extra: NetlinkBytes.attribute(5, NetlinkBytes.number(UInt32(3)))
            + NetlinkBytes.attribute(37, NetlinkBytes.number(UInt32(0)))
            + NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1))))))
    #expect(link.base == link.index)
    #expect(link.foreignBase == ForeignInterface(namespace: 0, index: InterfaceIndex(rawValue: 3)))
  }
}
