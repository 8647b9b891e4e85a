import Primitives
import Testing
import VRRP
import Wire

@Suite("Election")
struct ElectionTests {
  @Test("A backup becomes master after three intervals and the skew time, in the documented order")
  func becomeMaster() {
    var router = Sample.router(.two, addresses: ["10.0.0.100", "10.0.0.101"])
    router.excludedAddresses = Sample.virtual(["10.0.0.105"])
    router.usesFirewall = true
    router.runsSyncDaemon = true
    router.hasRoutes = true
    router.hasRules = true
    router.gratuitous.masterRepeat = 2
    var bench = Bench([router])
    #expect(bench.log == ["(VI_1) Entering BACKUP STATE (init)"])
    #expect(bench.notifications == ["INSTANCE \"VI_1\" BACKUP 100"])
    bench.forget()
    bench.run(until: Instant(microseconds: 3_609_374))
    #expect(bench.effects == [])
    bench.run(until: Instant(microseconds: 3_609_375))
    let actions = bench.routerEffects.filter {
      if case .log = $0 { false } else { true }
    }
    let stamp = AdvertisementStamp(
      priority: .standard, identification: 1, sequenceNumber: 0, source: Sample.ours)
    let burst: [RouterEffect] = [
      .sendGratuitous(.virtual(0)), .sendGratuitous(.virtual(1)), .sendGratuitous(.excluded(0)),
    ]
    #expect(
      actions == [
        .sendAdvertisement(stamp), .addFirewallElements, .addAddresses, .addExcludedAddresses,
        .addRoutes, .addRules, .drainNetlink,
      ] + burst + burst + [
        .notify(.master, .standard), .startSyncDaemonMaster,
        .deadline(Instant(microseconds: 4_609_375)),
      ])
    #expect(bench.log == ["(VI_1) Entering MASTER STATE"])
  }

  @Test("Version 3 has the skew time of its interval")
  func versionThree() {
    var router = Sample.router(.three)
    router.advertisementInterval = .milliseconds(500)
    let bench = Bench([router])
    #expect(bench.router.skewTime == Microseconds(304_687))
    #expect(bench.router.electionDeadline == Instant(microseconds: 1_804_687))
  }

  @Test("An owner is master at once and tells nothing of backup")
  func owner() {
    var bench = Bench([Sample.router(.two, priority: 255)])
    bench.run(for: Microseconds(1))
    #expect(bench.notifications == ["INSTANCE \"VI_1\" MASTER 255"])
    #expect(bench.router.masterReason == .preempted)
  }

  @Test("preempt_delay waits from the first lower advertisement")
  func preemptDelay() {
    var router = Sample.router(.two)
    router.preemptDelay = .seconds(3)
    var bench = Bench([router])
    bench.forget()
    for second in 1...9 {
      bench.run(until: Instant(microseconds: Int64(second) * 1_000_000))
      bench.receive(priority: 50, of: router)
      if bench.router.state == .master { break }
    }
    bench.run(for: .seconds(3))
    #expect(bench.log.first == "(VI_1) start preempt delay (3.000000)")
    // The first at 1 s; the delay until 4 s; the last one that counts at 3 s; its down timer.
    #expect(bench.router.lastTransition == Instant(microseconds: 6_609_375))
  }

  @Test("Without preemption a lower priority stays master")
  func noPreemption() {
    var router = Sample.router(.two)
    router.preempts = false
    var bench = Bench([router])
    for second in 1...20 {
      bench.run(until: Instant(microseconds: Int64(second) * 1_000_000))
      bench.receive(priority: 50, of: router)
    }
    #expect(bench.router.state == .backup)
  }

  @Test("A change of priority moves the down timer and goes with the next advertisement")
  func priorityChange() {
    let script = TrackerID(.script, 1)
    var router = Sample.router(.two)
    router.trackings = [Tracking(script, weight: -50, status: .up)]
    router.notifyPriorityChanges = true
    var bench = Bench([router])
    bench.forget()
    bench.handle(.trackerChanged(script, .down))
    #expect(bench.log == ["(VI_1) Changing effective priority from 100 to 50"])
    #expect(bench.notifications == ["INSTANCE \"VI_1\" BACKUP_PRIORITY 50"])
    #expect(
      bench.router.electionDeadline == Instant(microseconds: 3_000_000 + 206 * 1_000_000 / 256))
    bench.run(for: .seconds(4))
    #expect(bench.sent == [50])
  }

  @Test("A source of zero interval does not make silence a failure")
  func zeroInterval() {
    let router = Sample.router(.three)
    var zero = router
    zero.advertisementInterval = .zero
    var bench = Bench([router])
    bench.receive(priority: 200, of: zero)
    #expect(bench.router.masterInterval == .seconds(1))
    #expect(bench.router.electionDeadline == Instant(microseconds: 3_609_375))
  }

  @Test("The learned interval is forgotten on becoming master")
  func learnedInterval() {
    let router = Sample.router(.three)
    var slow = router
    slow.advertisementInterval = .seconds(5)
    var bench = Bench([router])
    bench.receive(priority: 200, of: slow)
    #expect(bench.router.masterInterval == .seconds(5))
    bench.run(for: .seconds(30))
    #expect(bench.router.state == .master)
    #expect(bench.router.masterInterval == .seconds(1))
    let now = bench.now
    bench.handle(.addressRemoved(.virtual(0)))
    #expect(bench.router.electionDeadline == now + Microseconds(609_375))
  }

  @Test("Of two owners the one of the lower address yields")
  func lowerOwner() {
    let router = Sample.router(.two, priority: 255)
    var bench = Bench([router])
    bench.run(for: .seconds(1))
    bench.forget()
    bench.receive(priority: 255, from: Sample.theirs, of: router)
    #expect(bench.router.state == .backup)
    #expect(bench.log.first?.contains("CONFIGURATION ERROR") == true)
  }

  @Test("The other owner gets time to stop, then priority 254 is ours")
  func higherOwner() {
    let router = Sample.router(.two, priority: 255)
    var bench = Bench([router])
    bench.run(for: .seconds(1))
    bench.forget()
    let rogue = Sample.address("10.0.0.0")
    var yielded: Instant?
    for _ in 0..<20 where yielded == nil {
      bench.run(for: .milliseconds(400))
      bench.receive(priority: 255, from: rogue, of: router)
      if bench.router.state == .backup { yielded = bench.now }
    }
    #expect(yielded != nil)
    #expect(bench.router.effectivePriority == .highestBackup)
    #expect(bench.log.contains { $0.contains("reducing our priority") })
    bench.forget()
    bench.run(for: .seconds(5))
    #expect(bench.router.state == .master)
    #expect(bench.router.effectivePriority == .owner)
    #expect(
      bench.log.contains(
        "(VI_1) Restoring our priority to 255 since other address owner has disappeared"))
  }

  @Test("An owner that stops in time costs nothing")
  func ownerStops() {
    let router = Sample.router(.two, priority: 255)
    var bench = Bench([router])
    bench.run(for: .seconds(1))
    bench.receive(priority: 255, from: Sample.address("10.0.0.0"), of: router)
    bench.run(for: .seconds(10))
    #expect(bench.router.state == .master)
    #expect(bench.log.contains("(VI_1): rogue address owner appears to have stopped advertising"))
  }

  @Test("The start delay discards advertisements and starts the down timer at its end")
  func startDelay() {
    var options = ProtocolOptions()
    options.startDelay = .seconds(3)
    let router = Sample.router(.two)
    var bench = Bench([router], options: options)
    #expect(bench.log.first == "Delaying startup for 3 seconds")
    #expect(bench.receive(priority: 200, of: router) == .ignored)
    #expect(bench.router.electionDeadline == Instant(microseconds: 6_609_375))
    bench.run(until: Instant(microseconds: 3_000_000))
    #expect(bench.log.last == "Delayed start completed")
    bench.receive(priority: 200, of: router)
    #expect(bench.router.statistics.advertisementsReceived == 1)
  }

  @Test("An owner waits one interval after the start delay")
  func startDelayOfOwner() {
    var options = ProtocolOptions()
    options.startDelay = .seconds(3)
    var bench = Bench([Sample.router(.two, priority: 255)], options: options)
    bench.run(until: Instant(microseconds: 3_999_999))
    #expect(bench.sent == [])
    bench.run(until: Instant(microseconds: 4_000_000))
    #expect(bench.router.state == .master)
  }

  @Test("A lower advertisement is answered by advertisement, announcements and a notification")
  func lower() {
    let router = Sample.router(.two)
    var bench = Bench([router])
    bench.run(for: .seconds(20))
    bench.forget()
    bench.receive(priority: 50, of: router)
    #expect(
      bench.log == [
        "(VI_1) Received advert from 10.0.0.2 with lower priority 50, ours 100,"
          + " forcing new election"
      ])
    #expect(bench.sent == [100])
    #expect(bench.gratuitous.count == 5)
    #expect(bench.notifications == ["INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100"])
    bench.run(for: .seconds(6))
    #expect(bench.gratuitous.count == 10)
  }

  @Test("With lower_prio_no_advert the answer is silence, and the advert timer stays")
  func lowerWithoutAdvert() {
    var router = Sample.router(.two)
    router.lowerPrioNoAdvert = true
    var bench = Bench([router])
    bench.run(until: Instant(microseconds: 20_000_000))
    bench.forget()
    let deadline = bench.router.electionDeadline
    bench.receive(priority: 50, of: router)
    #expect(bench.sent == [])
    #expect(bench.router.electionDeadline == deadline)
  }
}
