import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import Kernel

@Suite("Netlink attributes")
struct NetlinkAttributeTests {
  func attributes(_ bytes: [UInt8]) -> [(type: Int, value: [UInt8])] {
    NetlinkAttributes(bytes[...]).map { ($0.type, Array($0.value)) }
  }

  @Test("Attributes are read one after the other, padding skipped")
  func plain() {
    let found = attributes([5, 0, 1, 0, 0xaa, 0, 0, 0, 8, 0, 2, 0, 1, 2, 3, 4])
    #expect(found.map(\.type) == [1, 2])
    #expect(found.map(\.value) == [[0xaa], [1, 2, 3, 4]])
  }

  @Test("The two flags of a type are no part of it")
  func flags() {
    #expect(attributes([4, 0, 18, 0x80]).map(\.type) == [18])
    #expect(attributes([4, 0, 18, 0x40]).map(\.type) == [18])
  }

  @Test(
    "A length that cannot be ends the list",
    arguments: [
      [0, 0, 1, 0], [3, 0, 1, 0], [5, 0, 1, 0], [0xff, 0xff, 1, 0, 1, 2, 3, 4], [4, 0, 1], [4], [],
    ] as [[UInt8]])
  func hostile(bytes: [UInt8]) {
    #expect(attributes(bytes).isEmpty)
    let good: [UInt8] = [8, 0, 7, 0, 1, 2, 3, 4]
    #expect(attributes(good + bytes).map(\.type) == [7])
  }

  @Test("The padding of the last one may be missing")
  func lastPadding() {
    #expect(attributes([5, 0, 1, 0, 9]).map(\.value) == [[9]])
  }

  @Test("Values of another size than expected are no values")
  func sizes() {
    let bytes: [UInt8] = [1, 2, 3]
    #expect(bytes[...].netlinkUInt32 == nil)
    #expect(bytes[...].netlinkAddress == nil)
    #expect(MACAddress(netlink: bytes[...]) == nil)
    #expect(([UInt8](repeating: 0, count: 15))[...].netlinkAddress == nil)
    #expect(([65, 66, 0, 67] as [UInt8])[...].netlinkText == "AB")
    #expect(([65, 66] as [UInt8])[...].netlinkText == "AB")
  }
}

@Suite("Netlink messages")
struct NetlinkMessageTests {
  func event(_ type: UInt16, _ payload: [UInt8]) -> NetworkEvent? {
    NetworkEvent(NetlinkMessage(type: type, sender: 0, payload: payload))
  }

  @Test("A link is read with its name, its addresses and its flags")
  func link() throws {
    guard case .link(let link) = event(16, NetlinkBytes.link("eth0", index: 7)) else {
      Issue.record("no link")
      return
    }
    #expect(link.name == "eth0")
    #expect(link.index == InterfaceIndex(rawValue: 7))
    #expect(link.base == link.index)
    #expect(link.isUp && link.hasMulticast && link.hasARP && link.isEthernet && !link.isLoopback)
    #expect(link.address == MACAddress([2, 0, 0, 0, 0, 7]))
    #expect(link.broadcast == .broadcast)
  }

  @Test("Without a carrier a link is down")
  func carrier() {
    #expect(
      NetworkInterface.parsed(NetlinkBytes.link("eth0", index: 7, flags: 0x1003))?.isUp == false)
  }

  @Test("The base of a macvlan is known, that of a veth in another namespace is not")
  func base() throws {
    let base = NetlinkBytes.attribute(5, NetlinkBytes.number(UInt32(3)))
    let mode = NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1)))
    let macvlan = try #require(
      NetworkInterface.parsed(NetlinkBytes.link("m", index: 7, extra: base + mode)))
    #expect(macvlan.base == InterfaceIndex(rawValue: 3))
    #expect(macvlan.macvlanMode == NetworkInterface.privateMacvlan)
    let veth = try #require(
      NetworkInterface.parsed(
        NetlinkBytes.link("v", index: 7, extra: base + NetlinkBytes.kind("veth", 1, []))))
    #expect(veth.base == veth.index)
  }

  @Test("Every beginning of a message is refused or read, never trapped over")
  func truncation() {
    let link = NetlinkBytes.link(
      "eth0", index: 7, extra: NetlinkBytes.kind("vrf", 1, NetlinkBytes.number(UInt32(77))))
    let address =
      NetlinkBytes.addressHeader(7, family: 10, prefix: 64)
      + NetlinkBytes.attribute(1, [UInt8](repeating: 1, count: 16))
    for count in 0..<link.count { _ = event(16, Array(link.prefix(count))) }
    for count in 0..<address.count {
      let read = event(20, Array(address.prefix(count)))
      if count < address.count { #expect(read == nil) }
    }
    #expect(event(16, Array(link.prefix(15))) == nil)
    #expect(event(99, link) == nil)
  }

  @Test("Every length in a message can be wrong")
  func garbled() {
    let link = NetlinkBytes.link(
      "eth0", index: 7, extra: NetlinkBytes.kind("vrf", 1, NetlinkBytes.number(UInt32(77))))
    for index in link.indices {
      for value: UInt8 in [0, 1, 3, 4, 0x7f, 0xff] {
        var changed = link
        changed[index] = value
        _ = event(16, changed)
      }
    }
  }

  @Test("With a peer the local address counts")
  func peer() {
    let payload =
      NetlinkBytes.addressHeader(7, family: 2, prefix: 32)
      + NetlinkBytes.attribute(1, [10, 0, 0, 2])
      + NetlinkBytes.attribute(2, [10, 0, 0, 1])
    guard case .address(let address) = event(20, payload) else {
      Issue.record("no address")
      return
    }
    #expect(address.address == .ipv4(IPv4Address(10, 0, 0, 1)))
    #expect(address.prefixLength == 32)
  }

  @Test("The flags of 32 bits replace those of 8; an optimistic address is usable")
  func tentative() throws {
    func address(_ flags: UInt32) -> InterfaceAddress? {
      let payload =
        NetlinkBytes.addressHeader(7, family: 2, prefix: 32, flags: 0x40)
        + NetlinkBytes.attribute(2, [10, 0, 0, 1])
        + NetlinkBytes.attribute(8, NetlinkBytes.number(flags))
      guard case .address(let address) = event(20, payload) else { return nil }
      return address
    }
    #expect(address(0)?.isTentative == false)
    #expect(address(0x40)?.isTentative == true)
    #expect(address(0x44)?.isTentative == false)
  }
}

@Suite("Requests for addresses")
struct AddressAssignmentTests {
  func hexText(_ request: NetlinkRequest) -> String {
    request.bytes(sequence: 1).map { hex($0) }.joined()
  }

  func joined(_ parts: [String]) -> String { parts.joined().filter { $0 != " " } }

  func assignment(_ address: String) throws -> AddressAssignment {
    let address = try #require(IPAddress(parsing: address))
    return AddressAssignment(
      interface: InterfaceIndex(rawValue: 7), address: address,
      prefixLength: address.family == .ipv4 ? 24 : 64, scope: 0, broadcast: nil, label: "",
      peer: nil, flags: [], preferredLifetime: nil, origin: 18)
  }

  // The numbers are in the byte order of a little-endian machine.
  @Test("An IPv4 address is added with its origin")
  func plain() throws {
    #expect(
      hexText(try assignment("10.0.0.100").addition)
        == joined([
          "28000000 1400 0100 01000000 00000000",  // length 40, RTM_NEWADDR, NLM_F_REQUEST
          "02 18 00 00 07000000",  // AF_INET, /24, interface 7
          "0800 0200 0a000064",  // IFA_LOCAL
          "0500 0b00 12 000000",  // IFA_PROTO 18
        ]))
  }

  @Test("Broadcast address, label and peer are added")
  func full() throws {
    var full = try assignment("10.0.0.100")
    full.scope = 253
    full.broadcast = IPv4Address(10, 0, 0, 255)
    full.label = "eth0:1"
    full.peer = .ipv4(IPv4Address(10, 0, 0, 1))
    #expect(
      hexText(full.addition)
        == joined([
          "44000000 1400 0100 01000000 00000000",
          "02 18 00 fd 07000000",
          "0800 0200 0a000064",
          "0800 0400 0a0000ff",  // IFA_BROADCAST
          "0b00 0300 65746830 3a3100 00",  // IFA_LABEL "eth0:1"
          "0800 0100 0a000001",  // IFA_ADDRESS: the peer
          "0500 0b00 12 000000",
        ]))
  }

  @Test("An IPv6 address is added with its lifetimes and flags")
  func ipv6() throws {
    var address = try assignment("fe80::64")
    address.preferredLifetime = 0
    address.flags = [.noDuplicateDetection, .noPrefixRoute]
    #expect(
      hexText(address.addition)
        == joined([
          "50000000 1400 0100 01000000 00000000",
          "0a 40 00 00 07000000",  // AF_INET6, /64
          "1400 0600 00000000 ffffffff 00000000 00000000",  // IFA_CACHEINFO: deprecated
          "1400 0200 fe800000 00000000 00000000 00000064",  // IFA_LOCAL
          "0800 0800 02020000",  // IFA_FLAGS: NODAD, NOPREFIXROUTE
          "0500 0b00 12 000000",
        ]))
  }

  @Test("An address is removed with its peer, which is itself without one")
  func removal() throws {
    var address = try assignment("10.0.0.100")
    let start = [
      "28000000 1500 0100 01000000 00000000", "02 18 00 00 07000000", "0800 0200 0a000064",
    ]
    #expect(hexText(address.removal) == joined(start + ["0800 0100 0a000064"]))
    address.peer = .ipv4(IPv4Address(10, 0, 0, 1))
    #expect(hexText(address.removal) == joined(start + ["0800 0100 0a000001"]))
    #expect(
      hexText(try assignment("fe80::64").removal)
        == joined([
          "2c000000 1500 0100 01000000 00000000", "0a 40 00 00 07000000",
          "1400 0200 fe800000 00000000 00000000 00000064",
        ]))
  }
}

@Suite("Netlink sockets")
struct NetlinkSocketTests {
  @Test("The kernel lists its interfaces, the loopback one among them")
  func interfaces() throws {
    let links = try NetlinkChannel().interfaces()
    let loopback = try #require(links.first { $0.isLoopback })
    #expect(loopback.name == "lo")
    #expect(loopback.index == InterfaceIndex(rawValue: 1))
  }

  @Test("Interfaces are asked for by their names, and those that do not exist are left out")
  func named() throws {
    let channel = try NetlinkChannel()
    let links = channel.interfaces(named: ["none-such-1", "lo", "none-such-2"])
    #expect(links.map(\.name) == ["lo"])
    #expect(links.first?.ipv4?.rpFilter != nil)
    #expect(channel.interfaces(named: []) == [])
    // And the channel works on.
    #expect(try !channel.interfaces().isEmpty)
  }

  @Test("A protocol that the kernel does not have is an error, and nothing is freed twice")
  func unknownProtocol() {
    for _ in 0..<10 { #expect(throws: Errno.self) { try NetlinkChannel(31) } }
  }

  @Test("Each of many requests has its own answer")
  func answers() throws {
    let channel = try NetlinkChannel()
    let address = AddressAssignment(
      interface: InterfaceIndex(rawValue: 0x7fff_ffff), address: .ipv4(IPv4Address(192, 0, 2, 1)),
      prefixLength: 32, scope: 0, broadcast: nil, label: "", peer: nil, flags: [],
      preferredLifetime: nil, origin: 0)
    // No interface has that number: nothing on this machine changes.
    let errors = channel.perform(Array(repeating: address.addition, count: 200))
    #expect(errors.count == 200)
    #expect(errors.allSatisfy { $0 == .noDevice || $0 == .permission })
    #expect(channel.perform([]) == [])
    #expect(throws: Errno.self) { try channel.perform(address.removal) }
    // And the channel works on.
    #expect(try !channel.interfaces().isEmpty)
  }

  @Test("A monitor without news does not wait for any")
  func monitor() throws {
    let monitor = try NetlinkMonitor(groups: [])
    #expect(try monitor.receive()?.isEmpty ?? true)
    #expect(monitor.descriptor > 2)
  }
}
