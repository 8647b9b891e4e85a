import Primitives
import Testing
import VRRP
import Wire

@Suite("Faults")
struct FaultTests {
  @Test("Two interfaces down are two reasons")
  func twoInterfaces() {
    let (first, second) = (TrackerID(.interface, 1), TrackerID(.interface, 2))
    var router = Sample.router(.two)
    router.trackings = [
      Tracking(first, name: "eth0", status: .up), Tracking(second, name: "eth1", status: .up),
    ]
    var bench = Bench([router])
    bench.handle(.trackerChanged(first, .down))
    bench.handle(.trackerChanged(second, .down))
    bench.handle(.trackerChanged(first, .up))
    #expect(bench.router.state == .fault)
    bench.handle(.trackerChanged(second, .up))
    #expect(bench.router.state == .backup)
  }

  @Test("What has no weight leaves the priority alone that a file kept when it became a fault")
  func priorityInFault() {
    let (interface, file) = (TrackerID(.interface, 1), TrackerID(.file, 1))
    var router = Sample.router(.two)
    router.notifyPriorityChanges = true
    router.trackings = [
      Tracking(interface, name: "eth0", status: .up),
      Tracking(file, name: "file", weight: 2, status: .value(20)),
    ]
    var bench = Bench([router])
    bench.handle(.trackerChanged(file, .value(-254)))
    bench.forget()
    bench.handle(.trackerChanged(interface, .down))
    #expect(bench.notifications == [])
    #expect(bench.router.effectivePriority == Priority(rawValue: 140))
    bench.handle(.trackerChanged(interface, .up))
    bench.handle(.trackerChanged(file, .value(0)))
    #expect(bench.router.effectivePriority == Priority(rawValue: 100))
  }

  @Test("Faults at the start are told first")
  func initial() {
    var router = Sample.router(.two)
    router.trackings = [Tracking(TrackerID(.interface, 1), name: "eth0", status: .down)]
    router.interfaceSource = nil
    let bench = Bench([router])
    #expect(
      bench.log == [
        "(VI_1): entering FAULT state (interface eth0 down)",
        "(VI_1) entering FAULT state (no IPv4 address for interface)",
        "(VI_1) entering FAULT state",
      ])
    #expect(bench.notifications == ["INSTANCE \"VI_1\" FAULT 100"])
    #expect(bench.router.faults.words == ["i/f down", "no source IP address"])
  }

  @Test("A source address ends the fault and is the source")
  func sourceAddress() {
    var router = Sample.router(.two)
    router.interfaceSource = nil
    var bench = Bench([router])
    bench.handle(.sourceAddressChanged(Sample.ours))
    #expect(bench.router.state == .backup)
    #expect(bench.router.source == Sample.ours)
  }

  @Test("A tracked source that is not on the interface is a fault")
  func trackedSource() {
    var router = Sample.router(.three)
    router.configuredSource = Sample.ours
    router.interfaceSource = nil
    router.tracksSource = true
    var bench = Bench([router])
    #expect(bench.router.state == .fault)
    bench.handle(.sourceAddressChanged(Sample.ours))
    #expect(bench.router.state == .backup)
    bench.run(for: .seconds(5))
    #expect(bench.router.state == .master)
    bench.handle(.sourceAddressChanged(nil))
    #expect(bench.router.state == .fault)
    #expect(bench.router.faults.words == ["no source IP address"])
    #expect(bench.router.source == Sample.ours)
  }

  @Test("A configured source that nobody tracks may be anywhere")
  func untrackedSource() {
    var router = Sample.router(.three)
    router.configuredSource = Sample.ours
    router.interfaceSource = nil
    var bench = Bench([router])
    bench.handle(.sourceAddressChanged(nil))
    #expect(bench.router.state == .backup)
  }

  @Test("The source that IPv6 has lost sends nothing more")
  func sourceLostIPv6() {
    var bench = Bench([Sample.router(.three, family: .ipv6)])
    bench.run(for: .seconds(5))
    #expect(bench.router.state == .master)
    bench.forget()
    bench.handle(.sourceAddressChanged(nil))
    #expect(bench.sent == [])
    #expect(bench.router.state == .fault)
  }

  @Test("Unicast announces its source on leaving fault")
  func unicastSource() {
    let link = TrackerID(.interface, 1)
    var router = Sample.router(.two, isUnicast: true)
    router.trackings = [Tracking(link, name: "eth0", status: .down)]
    var bench = Bench([router])
    bench.forget()
    bench.handle(.trackerChanged(link, .up))
    #expect(bench.gratuitous == [.source])
  }

  @Test("An owner held back by its first script goes straight to master")
  func ownerWithScript() {
    let script = TrackerID(.script, 1)
    var router = Sample.router(.two, priority: 255)
    router.trackings = [Tracking(script, name: "check", status: .initializing)]
    var bench = Bench([router])
    #expect(bench.notifications == [])
    bench.handle(.trackerChanged(script, .up))
    #expect(bench.notifications == ["INSTANCE \"VI_1\" MASTER 255"])
  }

  @Test("An owner that recovers from a fault waits the whole down timer")
  func ownerRecovers() {
    let link = TrackerID(.interface, 1)
    var router = Sample.router(.two, priority: 255)
    router.trackings = [Tracking(link, name: "eth0", status: .up)]
    var bench = Bench([router])
    bench.run(for: .seconds(1))
    bench.handle(.trackerChanged(link, .down))
    bench.handle(.trackerChanged(link, .up))
    #expect(bench.router.state == .backup)
    #expect(bench.router.electionDeadline == bench.now + .seconds(3) + Microseconds(3906))
  }
}
