import Configuration
import EventLoop
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO
import SystemTestSupport
import Testing

@testable import VRRPProcess

@Suite("What the kernel shall hold")
struct InstallerTests {
  let directory: ScratchDirectory
  let interfaces = InterfaceTable()
  let kernel: FakeNetwork
  let loop: EventLoop
  let installer: Installer<PlacedAddress>
  let owner: Installer<PlacedAddress>.Owner
  let other: Installer<PlacedAddress>.Owner

  init() throws {
    directory = try ScratchDirectory()
    let links = NetworkInterface.ethernet("eth0", 7)
    kernel = try FakeNetwork(links)
    for link in links { interfaces.update(link) }
    loop = try EventLoop()
    installer = Installer(
      edge: kernel, loop: loop, interfaces: interfaces, log: directory.log())
    owner = installer.newOwner()
    other = installer.newOwner()
  }

  func placed(
    _ last: UInt8, on name: String = "eth0", change: (inout AddressLine) -> Void = { _ in }
  ) -> PlacedAddress {
    var line = AddressLine(address: .ipv4(IPv4Address(10, 0, 0, last)), prefixLength: 24)
    change(&line)
    return PlacedAddress(line: line, interface: interfaces.number(named: name), origin: 18)
  }

  /// The number of requests that `body` made.
  func requests(_ body: () -> Void) -> Int {
    let before = kernel.changes.count
    body()
    return kernel.changes.count - before
  }

  // MARK: Owners

  @Test("What two owners want goes when both have let go of it")
  func owners() {
    installer.want([placed(1)], by: owner)
    #expect(requests { installer.want([placed(1)], by: other) } == 0)
    #expect(requests { installer.release([placed(1)], by: owner) } == 0)
    #expect(kernel.texts(on: 7) == ["10.0.0.1/24"])
    installer.release([placed(1)], by: other)
    #expect(kernel.texts(on: 7) == [])
  }

  @Test("Letting go of what one never wanted takes it from nobody")
  func foreignRelease() {
    installer.want([placed(1)], by: owner)
    installer.release([placed(1), placed(2)], by: other)
    #expect(kernel.texts(on: 7) == ["10.0.0.1/24"])
  }

  @Test("What moves from one owner to another within one change is not touched")
  func moves() {
    installer.want([placed(1), placed(2)], by: owner)
    let count = requests {
      installer.together {
        installer.release([placed(1), placed(2)], by: owner)
        installer.want([placed(1)], by: other)
      }
    }
    #expect(count == 1)
    #expect(kernel.texts(on: 7) == ["10.0.0.1/24"])
    installer.release([placed(1)], by: other)
    #expect(kernel.texts(on: 7) == [])
  }

  @Test("What a predecessor left goes, but not what somebody wants")
  func leftovers() {
    let predecessor = installer.newOwner()
    installer.want([placed(1), placed(2)], by: predecessor)
    let heir = Installer<PlacedAddress>(
      edge: kernel, loop: loop, interfaces: interfaces, log: directory.log())
    heir.want([placed(2)], by: heir.newOwner())
    heir.removeLeftovers([placed(1), placed(2), placed(3)])
    #expect(kernel.texts(on: 7) == ["10.0.0.2/24"])
    #expect(directory.logged == [])
  }

  @Test("An address with another label is made anew")
  func changed() {
    installer.want([placed(1)], by: owner)
    let count = requests { installer.want([placed(1) { $0.label = "eth0:1" }], by: owner) }
    #expect(count == 2)
    #expect(kernel.texts(on: 7) == ["10.0.0.1/24"])
  }

  // MARK: Reports

  @Test("A removal by somebody else is a loss, once")
  func lost() {
    installer.want([placed(1)], by: owner)
    #expect(installer.removalReported(placed(1).key, isEcho: false) == .lost)
    #expect(installer.removalReported(placed(1).key, isEcho: false) == .expected)
    #expect(!installer.isPresent(placed(1).key))
  }

  @Test("What was never set is lost by nobody")
  func foreign() {
    installer.want([placed(1)], by: owner)
    #expect(installer.removalReported(placed(2).key, isEcho: false) == .expected)
    #expect(installer.isPresent(placed(1).key))
  }

  @Test("Each removal of ours is expected once, also if it was set again before its report")
  func expected() {
    for _ in 0..<2 {
      installer.want([placed(1)], by: owner)
      installer.release([placed(1)], by: owner)
    }
    installer.want([placed(1)], by: owner)
    for _ in 0..<2 {
      #expect(installer.removalReported(placed(1).key, isEcho: true) == .expected)
    }
    #expect(installer.isPresent(placed(1).key))
    #expect(installer.removalReported(placed(1).key, isEcho: false) == .lost)
  }

  @Test("What went with something else of ours is set again")
  func mended() {
    installer.want([placed(1), placed(2)], by: owner)
    installer.release([placed(1)], by: owner)
    kernel.loses(placed(2).line.address)
    #expect(installer.removalReported(placed(2).key, isEcho: true) == .mended)
    #expect(kernel.texts(on: 7) == ["10.0.0.2/24"])
    #expect(installer.isPresent(placed(2).key))
  }

  @Test("After lost reports the kernel's list counts")
  func resynchronize() {
    installer.want([placed(1), placed(2)], by: owner)
    installer.want([placed(3)], by: owner)
    installer.release([placed(3)], by: owner)
    #expect(installer.resynchronize([placed(2).key]) == [placed(1).key])
    #expect(installer.isPresent(placed(2).key) && !installer.isPresent(placed(1).key))
    // The report of the removal may have been among the lost ones.
    installer.want([placed(3)], by: owner)
    #expect(installer.removalReported(placed(3).key, isEcho: false) == .lost)
  }

  @Test("With an interface goes all that was on it")
  func forget() {
    for link in NetworkInterface.ethernet("eth1", 8) { interfaces.update(link) }
    installer.want([placed(1), placed(2, on: "eth1")], by: owner)
    installer.forget(interfaces.number(named: "eth0"))
    #expect(!installer.isPresent(placed(1).key) && installer.isPresent(placed(2, on: "eth1").key))
  }

  @Test("Of many some are set at once, the others in later turns, if they are still wanted")
  func slices() throws {
    let small = Installer<PlacedAddress>(
      edge: kernel, loop: loop, interfaces: interfaces, log: directory.log(), atOnce: 2)
    func turn() throws {
      loop.after(.milliseconds(100)) { loop.stop() }
      try loop.run()
    }
    let all = (1...7).map { placed($0) }
    let owner = small.newOwner()
    var late: [String] = []
    small.arrivedLate = { late += $0.map(\.text) }
    small.want(all, by: owner)
    #expect(kernel.texts(on: 7).count == 2)
    small.release([all[0], all[6]], by: owner)
    #expect(kernel.texts(on: 7) == ["10.0.0.2/24"])
    try turn()
    #expect(kernel.texts(on: 7) == (2...6).map { "10.0.0.\($0)/24" })
    #expect(late == (3...6).map { "10.0.0.\($0)/24" })
    // What is wanted again before its turn stays.
    small.release(all, by: owner)
    small.want([all[5]], by: owner)
    #expect(kernel.texts(on: 7) == [4, 5, 6].map { "10.0.0.\($0)/24" })
    small.finish()
    #expect(kernel.texts(on: 7) == ["10.0.0.6/24"])
    #expect(requests { small.finish() } == 0)
  }

  // MARK: Refusals

  @Test("An address without an interface is logged and not asked for")
  func missingInterface() {
    #expect(requests { installer.want([placed(1, on: "none0")], by: owner) } == 0)
    #expect(
      directory.logged == [
        "Not adding address 10.0.0.1 to none0 since interface doesn't exist"
      ])
    #expect(requests { installer.removeLeftovers([placed(1, on: "none0")]) } == 0)
    #expect(directory.logged.count == 1)
  }

  @Test("What the kernel refuses is told once, not counted as set, and tried again while wanted")
  func refused() {
    let address = placed(1).line.address
    kernel.refusals[address] = .permission
    var late: [PlacedAddress] = []
    installer.arrivedLate = { late += $0 }
    installer.want([placed(1)], by: owner)
    installer.retry.timerFired(token: 0, at: Clock.now)
    #expect(!installer.isPresent(placed(1).key) && late.isEmpty)
    #expect(
      directory.logged == [
        "Netlink: error: \(Errno.permission)(1), type=RTM_NEWADDR(20), address 10.0.0.1/24"
      ])
    kernel.refusals[address] = nil
    installer.retry.timerFired(token: 0, at: Clock.now)
    #expect(installer.isPresent(placed(1).key))
    #expect(late.map(\.text) == ["10.0.0.1/24"])
    #expect(directory.logged.last == "Netlink: all that is wanted is there again")
  }

  @Test("What nobody wants any more is not tried again, and its removal is not asked for")
  func unwanted() {
    kernel.refusals[placed(1).line.address] = .permission
    installer.want([placed(1)], by: owner)
    #expect(requests { installer.release([placed(1)], by: owner) } == 0)
    #expect(requests { installer.retry.timerFired(token: 0, at: Clock.now) } == 0)
  }

  @Test("An address that is there already is taken for ours")
  func exists() {
    kernel.refusals[placed(1).line.address] = .exists
    installer.want([placed(1)], by: owner)
    #expect(installer.isPresent(placed(1).key))
    #expect(directory.logged == [])
  }
}

@Suite("Address lines as the kernel is told them")
struct PlacedAddressTests {
  func assignment(
    _ text: String, change: (inout AddressLine) -> Void = { _ in }
  ) throws -> AddressAssignment {
    var line = AddressLine(
      address: try #require(IPAddress(parsing: text)), prefixLength: text.contains(":") ? 64 : 24)
    change(&line)
    let interfaces = InterfaceTable()
    for link in NetworkInterface.ethernet("eth0", 7) { interfaces.update(link) }
    let placed = PlacedAddress(line: line, interface: InterfaceIndex(rawValue: 1), origin: 18)
    let object = placed.object(in: interfaces)
    guard case .address(let assignment) = object else {
      Issue.record("no address")
      throw CancellationError()
    }
    return assignment
  }

  @Test("IPv6 addresses skip duplicate detection unless it is asked for")
  func flags() throws {
    let plain = try assignment("fe80::1")
    #expect(plain.flags == .noDuplicateDetection)
    #expect(plain.interface == InterfaceIndex(rawValue: 7) && plain.origin == 18)
    let asked = try assignment("fe80::1") {
      $0.flags = [.duplicateAddressDetection, .home, .mngtmpaddr, .noprefixroute, .autojoin]
    }
    #expect(asked.flags == [.home, .managesTemporary, .noPrefixRoute, .autojoin])
    #expect(try assignment("10.0.0.1").flags == [])
  }

  @Test("Everything of the line is in the request")
  func assignment() throws {
    let assignment = try assignment("10.0.0.1") {
      $0.scope = 253
      $0.broadcast = IPv4Address(10, 0, 0, 255)
      $0.label = "eth0:1"
      $0.peer = .ipv4(IPv4Address(10, 0, 0, 2))
      $0.preferredLifetime = 0
    }
    #expect(
      assignment.scope == 253 && assignment.label == "eth0:1" && assignment.prefixLength == 24)
    #expect(assignment.broadcast == IPv4Address(10, 0, 0, 255))
    #expect(assignment.peer == .ipv4(IPv4Address(10, 0, 0, 2)))
    #expect(assignment.preferredLifetime == 0)
  }
}
