import Primitives
import Testing
import VRRP
import Wire

@Suite("Reload")
struct ReloadTests {
  func reload(
    _ bench: inout Bench, _ configurations: [RouterConfiguration],
    groups: [SyncGroupConfiguration] = []
  ) {
    let plan = bench.routers.plan(
      routers: configurations, groups: groups, options: bench.routers.options)
    bench.routers.beginReload(plan, at: bench.now, into: &bench.effects)
    bench.routers.finishReload(plan, at: bench.now, into: &bench.effects)
  }

  @Test("A master stays master and advertises before and after")
  func master() {
    let router = Sample.router(.two)
    var bench = Bench([router])
    bench.run(for: .seconds(5))
    bench.forget()
    var renamed = router
    renamed.name = "VI_other"
    reload(&bench, [renamed])
    #expect(bench.sent == [100, 100])
    #expect(bench.router.state == .master)
    #expect(bench.router.statistics.becameMaster == 1)
    #expect(bench.notifications == [])
    #expect(bench.gratuitous == [])
    #expect(bench.router.electionDeadline == bench.now + .seconds(1))
  }

  @Test("New addresses are announced, now and after the delay")
  func newAddress() {
    let router = Sample.router(.two)
    var bench = Bench([router])
    bench.run(for: .seconds(10))
    bench.forget()
    var larger = router
    larger.addresses += Sample.virtual(["10.0.0.101"])
    reload(&bench, [larger])
    #expect(bench.gratuitous.count == 10)
    bench.run(for: .seconds(5))
    #expect(bench.gratuitous.count == 20)
    #expect(bench.routerEffects.contains(.replaceAddresses(RouterIndex(rawValue: 0))))
  }

  @Test("A backup restarts its down timer and is not notified")
  func backup() {
    let router = Sample.router(.two)
    var bench = Bench([router])
    bench.run(for: .seconds(2))
    bench.forget()
    reload(&bench, [router])
    #expect(bench.notifications == [])
    #expect(bench.router.electionDeadline == bench.now + Microseconds(3_609_375))
  }

  @Test("What is removed resigns and is told of", arguments: [true, false])
  func removed(notifyDeleted: Bool) {
    var router = Sample.router(.two)
    router.notifyDeleted = notifyDeleted
    var bench = Bench([router])
    bench.run(for: .seconds(5))
    bench.forget()
    let plan = bench.routers.plan(
      routers: [Sample.router(.two, id: 52)], groups: [], options: ProtocolOptions())
    #expect(plan.removed == [RouterIndex(rawValue: 0)])
    bench.routers.beginReload(plan, at: bench.now, into: &bench.effects)
    #expect(bench.sent == [100, 0])
    #expect(bench.routerEffects.contains(.removeAddresses))
    #expect(
      bench.notifications == ["INSTANCE \"VI_1\" \(notifyDeleted ? "DELETED" : "FAULT") 100"])
    bench.routers.finishReload(plan, at: bench.now, into: &bench.effects)
    #expect(bench.router.state == .backup)
  }

  @Test("A new fault takes a master down")
  func fault() {
    let router = Sample.router(.two)
    var bench = Bench([router])
    bench.run(for: .seconds(5))
    bench.forget()
    var broken = router
    broken.trackings = [Tracking(TrackerID(.script, 1), name: "check", status: .down)]
    reload(&bench, [broken])
    #expect(bench.router.state == .fault)
    #expect(bench.log.contains("(VI_1): entering FAULT state due to script check"))
    #expect(bench.notifications == ["INSTANCE \"VI_1\" FAULT 100"])
  }

  @Test("A fault at a reload is told for the members and then for the group")
  func groupFault() {
    let first = Sample.router(.two)
    let second = Sample.router(.two, name: "VI_2", id: 52)
    let groups = [SyncGroupConfiguration(name: "G", members: ["VI_1", "VI_2"])]
    var bench = Bench([first, second], groups: groups)
    bench.run(for: .seconds(5))
    bench.forget()
    var broken = first
    broken.trackings = [Tracking(TrackerID(.script, 1), name: "check", status: .down)]
    reload(&bench, [broken, second], groups: groups)
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" FAULT 100", "INSTANCE \"VI_2\" FAULT 100", "GROUP \"G\" FAULT 0",
      ])
    bench.forget()
    reload(&bench, [broken, second], groups: groups)
    #expect(bench.notifications == [])
    bench.handle(.trackerChanged(TrackerID(.script, 1), .up))
    #expect(
      bench.notifications == [
        "INSTANCE \"VI_1\" BACKUP 100", "INSTANCE \"VI_2\" BACKUP 100", "GROUP \"G\" BACKUP 0",
      ])
  }

  @Test("A member that a reload adds to a master group joins it, and takes nothing away")
  func joiningMember() {
    let first = Sample.router(.two)
    let second = Sample.router(.two, name: "VI_2", id: 52, priority: 90)
    var bench = Bench([first])
    bench.run(for: .seconds(5))
    bench.forget()
    reload(
      &bench, [first, second],
      groups: [SyncGroupConfiguration(name: "G", members: ["VI_1", "VI_2"])])
    // Before and after the reload, and the new one's first.
    #expect(bench.sent == [100, 100, 90])
    #expect(bench[0].state == .master && bench[1].state == .master)
    #expect(bench.routers.groups[0].state == .master)
    #expect(bench.notifications == ["INSTANCE \"VI_2\" MASTER 90"])
  }

  @Test("A member with another VRID joins its master group at once")
  func changedMember() {
    let first = Sample.router(.two)
    let second = Sample.router(.two, name: "VI_2", id: 52)
    let changed = Sample.router(.two, name: "VI_2", id: 53)
    let groups = [SyncGroupConfiguration(name: "G", members: ["VI_1", "VI_2"])]
    var bench = Bench([first, second], groups: groups)
    bench.run(for: .seconds(5))
    reload(&bench, [first, changed], groups: groups)
    #expect(bench[0].state == .master && bench[1].state == .master)
  }

  @Test("A backup that is put into a master group waits for its own MASTER's silence")
  func backupInMasterGroup() {
    let first = Sample.router(.two)
    let second = Sample.router(.two, name: "VI_2", id: 52)
    var bench = Bench([first, second])
    bench.run(for: .seconds(3))
    bench.receive(priority: 200, of: second)
    bench.run(for: .seconds(1))
    #expect(bench[0].state == .master && bench[1].state == .backup)
    reload(
      &bench, [first, second],
      groups: [SyncGroupConfiguration(name: "G", members: ["VI_1", "VI_2"])])
    bench.receive(priority: 200, of: second)
    #expect(bench[0].state == .master && bench[1].state == .backup)
    bench.run(for: .seconds(5))
    #expect(bench[0].state == .master && bench[1].state == .master)
  }

  @Test("A weight that is in force before and after a reload is not told of again")
  func weightInForce() {
    var router = Sample.router(.two)
    router.notifyPriorityChanges = true
    router.trackings = [
      Tracking(TrackerID(.file, 1), name: "file", weight: 1, status: .value(20))
    ]
    var bench = Bench([router])
    bench.run(for: .seconds(5))
    bench.forget()
    reload(&bench, [router])
    #expect(bench.router.effectivePriority == Priority(rawValue: 120))
    #expect(bench.notifications == [])
    router.priority = Priority(rawValue: 150)
    reload(&bench, [router])
    #expect(bench.notifications == ["INSTANCE \"VI_1\" MASTER_PRIORITY 170"])
    bench.forget()
    router.trackings = []
    reload(&bench, [router])
    #expect(bench.notifications == [])
  }

  @Test("A group that is made of masters is not told of")
  func groupOfMasters() {
    let members = [Sample.router(.two), Sample.router(.two, name: "VI_2", id: 52)]
    var bench = Bench(members)
    bench.run(for: .seconds(5))
    bench.forget()
    let groups = [SyncGroupConfiguration(name: "G", members: ["VI_1", "VI_2"])]
    reload(&bench, members, groups: groups)
    #expect(bench.notifications == [])
    #expect(bench.routers.groups[0].state == .master)
  }
}
