import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import VRRPProcess

@Suite("Interface table")
struct InterfaceTableTests {
  func link(_ name: String, _ index: UInt32, extra: [UInt8] = []) throws -> NetworkInterface {
    try #require(NetworkInterface.ethernet(name, index, extra: extra).first)
  }

  func address(_ text: String) throws -> IPAddress { try #require(IPAddress(parsing: text)) }

  @Test("A name keeps its number when its interface is made anew")
  func renumbered() throws {
    let table = InterfaceTable()
    let number = table.number(named: "eth0")
    #expect(table[number].link == nil)
    let (first, before) = table.update(try link("eth0", 7))
    #expect(first == number && before == nil)
    #expect(table.number(kernelIndex: InterfaceIndex(rawValue: 7)) == number)
    let (second, old) = table.update(try link("eth0", 9))
    #expect(second == number && old?.index == InterfaceIndex(rawValue: 7))
    #expect(table.number(kernelIndex: InterfaceIndex(rawValue: 7)) == nil)
    #expect(table.number(kernelIndex: InterfaceIndex(rawValue: 9)) == number)
    table.remove(number)
    #expect(table.number(kernelIndex: InterfaceIndex(rawValue: 9)) == nil)
    #expect(table.number(named: "eth0") == number)
    #expect(table[number].index == .none)
  }

  @Test("The number of nothing is no interface")
  func none() {
    let table = InterfaceTable()
    #expect(!table.contains(.none))
    #expect(!table.contains(InterfaceIndex(rawValue: 1)))
    #expect(table.name(.none) == "")
    #expect(table.base(of: InterfaceIndex(rawValue: 3)) == InterfaceIndex(rawValue: 3))
  }

  @Test("The base of a macvlan is known as soon as it is there")
  func base() throws {
    let table = InterfaceTable()
    let extra =
      NetlinkBytes.attribute(5, NetlinkBytes.number(UInt32(2)))
      + NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1)))
    let (macvlan, _) = table.update(try link("m", 3, extra: extra))
    #expect(table.base(of: macvlan) == macvlan)
    let (eth0, _) = table.update(try link("eth0", 2))
    #expect(table.base(of: macvlan) == eth0)
    #expect(table.base(of: eth0) == eth0)
  }

  @Test("Sources are IPv4 addresses and link-local IPv6 addresses, each once")
  func sources() throws {
    let table = InterfaceTable()
    let number = table.number(named: "eth0")
    for text in ["10.0.0.1", "2001:db8::1", "fe80::1", "10.0.0.1", "10.0.0.2"] {
      table.addAddress(try address(text), to: number)
    }
    #expect(table[number].addresses.map(\.description) == ["10.0.0.1", "fe80::1", "10.0.0.2"])
    #expect(table[number].address(.ipv6)?.description == "fe80::1")
  }

  @Test("The last address follows the first when that goes")
  func successor() throws {
    let table = InterfaceTable()
    let number = table.number(named: "eth0")
    for text in ["10.0.0.1", "10.0.0.2", "10.0.0.3", "fe80::1"] {
      table.addAddress(try address(text), to: number)
    }
    table.removeAddress(try address("10.0.0.2"), from: number)
    #expect(table[number].address(.ipv4)?.description == "10.0.0.1")
    table.addAddress(try address("10.0.0.4"), to: number)
    table.removeAddress(try address("10.0.0.1"), from: number)
    #expect(table[number].address(.ipv4)?.description == "10.0.0.4")
    for text in ["10.0.0.3", "10.0.0.4"] { table.removeAddress(try address(text), from: number) }
    #expect(table[number].address(.ipv4) == nil)
    #expect(table[number].address(.ipv6)?.description == "fe80::1")
  }
}
