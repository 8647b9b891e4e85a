import Configuration
import Kernel
import Logging
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import VRRPProcess

@Suite("Addresses that we set")
struct InstalledAddressesTests {
  let key = InstalledAddresses.Key(
    interface: InterfaceIndex(rawValue: 7), address: .ipv4(IPv4Address(10, 0, 0, 1)),
    prefixLength: 24)
  let other = InstalledAddresses.Key(
    interface: InterfaceIndex(rawValue: 8), address: .ipv4(IPv4Address(10, 0, 0, 1)),
    prefixLength: 24)

  /// Whether somebody else took it; `#expect` cannot call what mutates.
  func isMissed(_ key: InstalledAddresses.Key, _ installed: inout InstalledAddresses) -> Bool {
    installed.removalReported(key)
  }

  @Test("An address that somebody else removes is missed, once")
  func lost() {
    var installed = InstalledAddresses()
    installed.insert(key)
    let first = isMissed(key, &installed)
    #expect(first)
    let second = isMissed(key, &installed)
    #expect(!second)
    #expect(!installed.contains(key))
  }

  @Test("An address that was never set is missed by nobody")
  func foreign() {
    var installed = InstalledAddresses()
    installed.insert(key)
    let first = isMissed(other, &installed)
    #expect(!first)
    #expect(installed.contains(key))
  }

  @Test("A removal of ours is expected, also if the address was set again before its report")
  func expected() {
    var installed = InstalledAddresses()
    installed.insert(key)
    let wasThere = installed.remove(key)
    #expect(wasThere)
    installed.expectRemoval(of: key)
    installed.insert(key)
    let first = isMissed(key, &installed)
    #expect(!first)
    #expect(installed.contains(key))
    let second = isMissed(key, &installed)
    #expect(second)
  }

  @Test("Each removal of ours is reported once")
  func counted() {
    var installed = InstalledAddresses()
    for _ in 0..<2 { installed.expectRemoval(of: key) }
    installed.insert(key)
    let first = isMissed(key, &installed)
    #expect(!first)
    let second = isMissed(key, &installed)
    #expect(!second)
    let third = isMissed(key, &installed)
    #expect(third)
  }

  @Test("With an interface go its addresses and what was expected of it")
  func forget() {
    var installed = InstalledAddresses()
    installed.insert(key)
    installed.insert(other)
    installed.expectRemoval(of: key)
    installed.forget(key.interface)
    #expect(!installed.contains(key) && installed.contains(other))
    installed.insert(key)
    let first = isMissed(key, &installed)
    #expect(first)
  }

  @Test("After lost messages the kernel's list counts")
  func resynchronize() {
    var installed = InstalledAddresses()
    installed.insert(key)
    installed.insert(other)
    installed.expectRemoval(of: other)
    let lost = installed.resynchronize([other])
    #expect(lost == [key])
    #expect(installed.contains(other) && !installed.contains(key))
    // The report of the removal may have been among the lost ones.
    let first = isMissed(other, &installed)
    #expect(first)
  }
}

@Suite("Address installer")
struct AddressInstallerTests {
  let directory: ScratchDirectory
  let interfaces = InterfaceTable()
  let installer: AddressInstaller

  init() throws {
    directory = try ScratchDirectory()
    installer = AddressInstaller(
      channel: try NetlinkChannel(), interfaces: interfaces, origin: 18, log: directory.log())
  }

  func placed(
    _ address: String, on name: String, change: (inout AddressLine) -> Void = { _ in }
  ) throws -> AddressInstaller.Placed {
    var line = AddressLine(
      address: try #require(IPAddress(parsing: address)),
      prefixLength: address.contains(":") ? 64 : 24)
    change(&line)
    return AddressInstaller.Placed(line: line, interface: interfaces.number(named: name))
  }

  @Test("An address without an interface is logged and not set")
  func missingInterface() throws {
    let placed = try placed("192.0.2.1", on: "none0")
    installer.add([placed])
    #expect(!installer.isInstalled(placed))
    #expect(
      directory.logged == [
        "Not adding address 192.0.2.1 to none0 since interface doesn't exist"
      ])
    installer.remove([placed], byForce: true)
    #expect(directory.logged.count == 1)
  }

  @Test(
    "An address that the kernel refuses is not counted as set, and its removal is not asked for")
  func refused() throws {
    // No interface of this machine has that number.
    for link in NetworkInterface.ethernet("gone0", 0x7fff_ffff) { interfaces.update(link) }
    let placed = try placed("192.0.2.1", on: "gone0")
    installer.add([placed])
    #expect(!installer.isInstalled(placed))
    #expect(directory.logged.count == 1)
    #expect(directory.logged.first?.contains("type=RTM_NEWADDR(20), address 192.0.2.1/24") == true)
    installer.remove([placed])
    installer.remove([placed], byForce: true)
    #expect(directory.logged.count == 1)
  }

  @Test("IPv6 addresses skip duplicate detection unless it is asked for")
  func flags() throws {
    for link in NetworkInterface.ethernet("eth0", 7) { interfaces.update(link) }
    let plain = installer.assignment(try placed("fe80::1", on: "eth0"))
    #expect(plain.flags == .noDuplicateDetection)
    #expect(plain.interface == InterfaceIndex(rawValue: 7) && plain.origin == 18)
    let asked = installer.assignment(
      try placed("fe80::1", on: "eth0") {
        $0.flags = [.duplicateAddressDetection, .home, .mngtmpaddr, .noprefixroute, .autojoin]
      })
    #expect(asked.flags == [.home, .managesTemporary, .noPrefixRoute, .autojoin])
    #expect(installer.assignment(try placed("10.0.0.1", on: "eth0")).flags == [])
  }

  @Test("Everything of the line is in the request")
  func assignment() throws {
    for link in NetworkInterface.ethernet("eth0", 7) { interfaces.update(link) }
    let assignment = installer.assignment(
      try placed("10.0.0.1", on: "eth0") {
        $0.scope = 253
        $0.broadcast = IPv4Address(10, 0, 0, 255)
        $0.label = "eth0:1"
        $0.peer = .ipv4(IPv4Address(10, 0, 0, 2))
        $0.preferredLifetime = 0
      })
    #expect(
      assignment.scope == 253 && assignment.label == "eth0:1" && assignment.prefixLength == 24)
    #expect(assignment.broadcast == IPv4Address(10, 0, 0, 255))
    #expect(assignment.peer == .ipv4(IPv4Address(10, 0, 0, 2)))
    #expect(assignment.preferredLifetime == 0)
  }
}
