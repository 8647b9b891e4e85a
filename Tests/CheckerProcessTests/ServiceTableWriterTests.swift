import Configuration
import EventLoop
import IPVS
import Logging
import Primitives
import ProcessFrame
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("Writing to IPVS")
struct ServiceTableWriterTests {
  let directory: ScratchDirectory
  let kernel = FakePerformer()
  let loop: EventLoop
  let service = Service(
    .address(.ipv4(IPv4Address(10, 0, 0, 1)), port: 80, .tcp), Service.Settings(scheduler: "rr"))
  let destination = Destination(
    Destination.Identity(address: .ipv4(IPv4Address(10, 1, 0, 1)), port: 80), weight: 1)
  let writer: ServiceTableWriter

  init() throws {
    directory = try ScratchDirectory()
    loop = try EventLoop()
    writer = ServiceTableWriter(kernel, loop: loop, log: directory.log())
  }

  func want() {
    writer.want([WantedService(service, destinations: [destination])], for: 0)
    writer.commit()
  }

  var all: [Request.Action] { [.addService(service), .addDestination(destination, service)] }

  @Test("What is wanted is asked for once")
  func once() {
    want()
    #expect(kernel.take() == all)
    want()
    #expect(kernel.take() == [])
    #expect(directory.logged == [])
  }

  @Test("What is there already is told and changed in the same commit")
  func existing() {
    kernel.refusal = { action in
      switch action {
      case .addService, .addDestination: .exists
      default: nil
      }
    }
    want()
    #expect(
      kernel.take() == all + [.changeService(service), .changeDestination(destination, service)])
    #expect(
      directory.logged.contains(
        "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17)"
          + " (10.0.0.1:tcp:80 -> 10.1.0.1:80)"))
  }

  @Test("What fails is told once, and tried until it succeeds")
  func retry() throws {
    kernel.refusal = { action in
      if case .addService = action { .noEntry } else { .noProcess }
    }
    want()
    #expect(kernel.take() == all)
    // Another commit does not try again, time does.
    writer.commit()
    #expect(kernel.take() == [])
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take() == all)
    #expect(
      directory.logged == [
        "IPVS cmd IP_VS_SO_SET_ADD(1154) error: Scheduler or persistence engine not found(2)"
          + " (10.0.0.1:tcp:80)"
      ])
    kernel.refusal = { _ in nil }
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take() == all)
    #expect(directory.logged.last == "IPVS holds all that is configured again")
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take() == [])
    #expect(directory.logged.count == 2)
  }

  @Test("The timer for another try is the loop's")
  func timer() throws {
    kernel.refusal = { _ in .noMemory }
    want()
    kernel.refusal = { _ in nil }
    _ = kernel.take()
    let deadline = Clock.now + .seconds(20)
    loop.after(.seconds(15)) { Issue.record("no other try") }
    loop.beforeWaiting = { [loop, kernel] in
      if !kernel.performed.isEmpty || Clock.now > deadline { loop.stop() }
    }
    try loop.run()
    #expect(kernel.take() == all)
  }

  @Test("A kernel that refuses everything in every way does not keep the loop busy")
  func stubborn() {
    kernel.refusal = { action in
      switch action {
      case .addService, .addDestination: .exists
      case .changeDestination: .noEntry
      default: .noProcess
      }
    }
    want()
    #expect(kernel.take().count < 20)
    kernel.refusal = { _ in nil }
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(!kernel.take().isEmpty)
    #expect(directory.logged.last == "IPVS holds all that is configured again")
  }

  @Test("After a flush all comes again")
  func flush() {
    want()
    _ = kernel.take()
    writer.flush()
    #expect(kernel.take() == [.flush])
    writer.commit()
    #expect(kernel.take() == all)
    writer.wantOnly([])
    writer.commit()
    #expect(kernel.take() == [.deleteService(service)])
  }
}

@Suite("Sync daemons of the checker")
struct SyncDaemonsTests {
  let directory: ScratchDirectory
  let kernel = FakePerformer()
  let daemons: SyncDaemons
  let stops: [Request.Action] = [.stopDaemon(.master, syncID: 0), .stopDaemon(.backup, syncID: 0)]

  init() throws {
    directory = try ScratchDirectory()
    daemons = SyncDaemons(kernel, log: directory.log())
  }

  func starts(_ interface: String) -> [Request.Action] {
    SyncDaemon.Role.allCases.map {
      .startDaemon(SyncDaemon($0, interface: interface, syncID: 0))
    }
  }

  @Test("Both run, anew when something about them changes, and end with the keyword")
  func life() {
    daemons.apply(nil)
    #expect(kernel.take() == [])
    daemons.apply(LVSGlobals.SyncDaemon(interface: "eth0"))
    #expect(kernel.take() == stops + starts("eth0"))
    daemons.apply(LVSGlobals.SyncDaemon(interface: "eth0"))
    #expect(kernel.take() == [])
    daemons.apply(LVSGlobals.SyncDaemon(interface: "eth1"))
    #expect(kernel.take() == stops + starts("eth1"))
    daemons.apply(nil)
    #expect(kernel.take() == stops)
    daemons.stop()
    #expect(kernel.take() == [])
  }

  @Test("With an instance of VRRP they are not the checker's")
  func instance() {
    var configured = LVSGlobals.SyncDaemon(interface: "eth0")
    configured.vrrpInstance = "VI"
    daemons.apply(configured)
    #expect(kernel.take() == [])
  }
}
