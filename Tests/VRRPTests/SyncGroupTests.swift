import Primitives
import Testing
import VRRP
import Wire

@Suite("Sync groups")
struct SyncGroupTests {
  static let link = TrackerID(.interface, 1)

  func bench(_ priorities: [UInt8], explicitOwners: Bool = false) -> Bench {
    let routers = priorities.enumerated().map { index, priority in
      var router = Sample.router(
        .two, name: "VI_\(index + 1)", id: UInt8(51 + index), priority: priority)
      router.gratuitous.masterRepeat = 1
      router.isExplicitOwner = explicitOwners
      if index == 0 {
        router.trackings = [Tracking(Self.link, name: "eth0", status: .up)]
      }
      return router
    }
    let names = routers.map(\.name)
    return Bench(routers, groups: [SyncGroupConfiguration(name: "G1", members: names)])
  }

  @Test("The group becomes master with the last timer, members before the group")
  func becomeMaster() {
    var bench = bench([164, 124])
    #expect(
      bench.notifications == [
        "GROUP \"G1\" BACKUP 0", "INSTANCE \"VI_1\" BACKUP 164", "INSTANCE \"VI_2\" BACKUP 124",
      ])
    bench.forget()
    bench.run(until: Instant(microseconds: 3_000_000 + 132 * 1_000_000 / 256 - 1))
    #expect(bench.notifications == [])
    bench.run(for: Microseconds(1))
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_2\" MASTER 124", "INSTANCE \"VI_1\" MASTER 164", "GROUP \"G1\" MASTER 0",
      ])
    #expect(bench.log.contains("VRRP_Group(G1) Syncing instances to MASTER state"))
  }

  @Test("One yielding member takes the others along, without priority 0")
  func yield() {
    var bench = bench([100, 100])
    bench.run(for: .seconds(5))
    bench.forget()
    bench.receive(priority: 200, of: bench[0].configuration)
    #expect(bench.sent == [])
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" BACKUP 100", "INSTANCE \"VI_2\" BACKUP 100", "GROUP \"G1\" BACKUP 0",
      ])
  }

  @Test("A fault tells twice for the member and once for the others")
  func fault() {
    var bench = bench([100, 100])
    bench.run(for: .seconds(5))
    bench.forget()
    bench.handle(.trackerChanged(Self.link, .down))
    #expect(bench.sent == [0, 0, 0])
    #expect(bench[0].statistics.priorityZeroSent == 1)
    #expect(bench[1].statistics.priorityZeroSent == 0)
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" FAULT 100", "INSTANCE \"VI_2\" FAULT 100", "GROUP \"G1\" FAULT 0",
      ])
    bench.forget()
    bench.handle(.trackerChanged(Self.link, .up))
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" BACKUP 100", "INSTANCE \"VI_2\" BACKUP 100", "GROUP \"G1\" BACKUP 0",
      ])
  }

  @Test("A lost address costs all members the skew time, and the group is not told")
  func removal() {
    var bench = bench([100, 100])
    bench.run(for: .seconds(5))
    bench.forget()
    bench.handle(.addressRemoved(.virtual(0)))
    #expect(bench.sent == [0, 0])
    bench.run(for: Microseconds(609_375))
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" BACKUP 100", "INSTANCE \"VI_2\" BACKUP 100",
        "INSTANCE \"VI_2\" MASTER 100", "INSTANCE \"VI_1\" MASTER 100", "GROUP \"G1\" MASTER 0",
      ])
  }

  @Test("Owners without an explicit state are masters after one interval")
  func implicitOwners() {
    var bench = bench([255, 255])
    bench.run(until: Instant(microseconds: 1_003_905))
    #expect(bench[0].state == .backup)
    bench.run(for: Microseconds(1))
    #expect(bench[0].state == .master && bench[1].state == .master)
  }

  @Test("Explicit owners are masters at once, and the group is told")
  func explicitOwners() {
    var bench = bench([255, 255], explicitOwners: true)
    bench.run(for: Microseconds(1))
    #expect(bench.notifications.count == 3)
    #expect(bench.notifications.last == "GROUP \"G1\" MASTER 0")
  }

  @Test("A lower advertisement makes all members announce their addresses")
  func lower() {
    var bench = bench([100, 100])
    bench.run(for: .seconds(5))
    bench.forget()
    bench.receive(priority: 50, of: bench[0].configuration)
    #expect(bench.gratuitous.count == 10)
    #expect(bench.notifications == ["INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100"])
  }
}
