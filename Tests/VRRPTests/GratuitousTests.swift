import Primitives
import Testing
import VRRP
import Wire

@Suite("Gratuitous messages")
struct GratuitousTests {
  @Test("Bursts come at once, after the delay, and at each refresh")
  func schedule() {
    var router = Sample.router(.two)
    router.gratuitous.refresh = .seconds(10)
    router.gratuitous.refreshRepeat = 2
    var bench = Bench([router])
    bench.run(until: Instant(microseconds: 3_609_375))
    #expect(bench.gratuitous.count == 5)
    bench.run(for: .seconds(5))
    #expect(bench.gratuitous.count == 10)
    bench.run(for: .seconds(10))
    #expect(bench.gratuitous.count == 12)
    bench.run(for: .seconds(10))
    #expect(bench.gratuitous.count == 14)
  }

  @Test("However often it becomes master, there is one refresh")
  func oneRefresh() {
    var router = Sample.router(.two)
    router.gratuitous.refresh = .seconds(10)
    var bench = Bench([router])
    for _ in 0..<5 {
      bench.run(for: .seconds(4))
      bench.receive(priority: 200, of: router)
    }
    bench.run(for: .seconds(10))
    bench.forget()
    bench.run(for: .seconds(100))
    #expect(bench.gratuitous.count == 10)
  }

  @Test("Another hardware address of the interface is announced by a MASTER, and by nobody else")
  func hardwareAddress() {
    var router = Sample.router(.two)
    router.gratuitous.masterRepeat = 3
    router.gratuitous.masterDelay = .zero
    var bench = Bench([router])
    let interface = router.addresses[0].interface
    bench.routers.hardwareAddressChanged(on: interface, at: bench.now, into: &bench.effects)
    #expect(bench.gratuitous.isEmpty)
    bench.run(until: Instant(microseconds: 3_609_375))
    bench.forget()
    let other = InterfaceIndex(rawValue: interface.rawValue + 1)
    bench.routers.hardwareAddressChanged(on: other, at: bench.now, into: &bench.effects)
    #expect(bench.gratuitous.isEmpty)
    bench.routers.hardwareAddressChanged(on: interface, at: bench.now, into: &bench.effects)
    #expect(bench.gratuitous.count == 3 * router.addresses.count)
  }

  @Test("A limited interface sends one at a time, in turn")
  func limit() {
    var options = ProtocolOptions()
    options.limiters = [GratuitousLimit(arpInterval: .milliseconds(200))]
    var router = Sample.router(.two, addresses: ["10.0.0.100", "10.0.0.101"])
    for index in router.addresses.indices { router.addresses[index].limiter = 0 }
    router.gratuitous.masterRepeat = 3
    router.gratuitous.masterDelay = .zero
    var bench = Bench([router], options: options)
    bench.run(until: Instant(microseconds: 3_609_375))
    #expect(bench.gratuitous == [.virtual(0)])
    bench.run(for: .milliseconds(200))
    #expect(bench.gratuitous.count == 2)
    bench.run(for: .seconds(2))
    #expect(
      bench.gratuitous == [
        .virtual(0), .virtual(1), .virtual(0), .virtual(1), .virtual(0), .virtual(1),
      ])
  }

  @Test("Leaving master forgets what is queued")
  func drop() {
    var options = ProtocolOptions()
    options.limiters = [GratuitousLimit(arpInterval: .milliseconds(200))]
    var router = Sample.router(.two)
    router.addresses[0].limiter = 0
    var bench = Bench([router], options: options)
    bench.run(until: Instant(microseconds: 3_609_375))
    bench.receive(priority: 200, of: router)
    bench.run(for: .seconds(3))
    #expect(bench.gratuitous.count == 1)
  }

  @Test("Extra interfaces repeat for their first address")
  func extraInterface() {
    var router = Sample.router(.two)
    var extra = Sample.virtual(["10.1.0.1", "10.1.0.2"])
    for index in extra.indices {
      extra[index].interface = InterfaceIndex(rawValue: 9)
      extra[index].isOnExtraInterface = true
    }
    router.excludedAddresses = extra
    router.gratuitous.extraInterface = .seconds(10)
    router.gratuitous.masterDelay = .zero
    var bench = Bench([router])
    bench.run(for: .seconds(4))
    bench.forget()
    bench.run(for: .seconds(20))
    #expect(bench.gratuitous == [.excluded(0), .excluded(0)])
  }
}
