import Configuration
import IPVS
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import VRRPProcess

@Suite("The sync daemon of an instance")
struct SyncDaemonControlTests {
  /// Writes down what is asked of the kernel.
  final class FakeKernel {
    var performed: [Request.Action] = []
    var refusal: RequestFailure?

    func take() -> [Request.Action] {
      defer { performed = [] }
      return performed
    }
  }

  let directory: ScratchDirectory
  let kernel = FakeKernel()
  let control: SyncDaemonControl
  let instance: VRRPInstance

  init() throws {
    directory = try ScratchDirectory()
    control = SyncDaemonControl(log: directory.log()) {
      [kernel] () throws(IPVSChannel.Failure) in
      { action in
        kernel.performed.append(action)
        return kernel.refusal
      }
    }
    var instance = VRRPInstance(name: "VI")
    instance.virtualRouterID = VirtualRouterID(rawValue: 51)
    self.instance = instance
  }

  func configured(_ interface: String, id: UInt8? = nil) -> LVSGlobals.SyncDaemon {
    var configured = LVSGlobals.SyncDaemon(interface: interface)
    configured.id = id
    return configured
  }

  func daemon(_ role: SyncDaemon.Role, _ interface: String = "eth0", id: UInt8 = 51) -> SyncDaemon {
    SyncDaemon(role, interface: interface, syncID: id)
  }

  func stop(_ role: SyncDaemon.Role, id: UInt8 = 51) -> Request.Action {
    .stopDaemon(role, syncID: id)
  }

  @Test("The role follows the instance, with the VRID as the default of the number")
  func roles() {
    control.apply(configured("eth0"), for: instance, isMaster: false)
    // What a predecessor may have left goes first.
    #expect(
      kernel.take() == [stop(.master), stop(.backup), .startDaemon(daemon(.backup))])
    control.run(as: .master)
    #expect(kernel.take() == [stop(.backup), .startDaemon(daemon(.master))])
    control.run(as: .master)
    #expect(kernel.take() == [])
    control.stop()
    #expect(kernel.take() == [stop(.master)])
    control.stop()
    #expect(kernel.take() == [])
  }

  @Test("A reload changes what is different and nothing else")
  func reload() {
    control.apply(configured("eth0"), for: instance, isMaster: true)
    _ = kernel.take()
    control.apply(configured("eth0"), for: instance, isMaster: true)
    #expect(kernel.take() == [])
    control.apply(configured("eth1", id: 7), for: instance, isMaster: true)
    #expect(kernel.take() == [stop(.master), .startDaemon(daemon(.master, "eth1", id: 7))])
    control.apply(nil, for: nil, isMaster: false)
    #expect(kernel.take() == [stop(.master, id: 7)])
    control.run(as: .backup)
    #expect(kernel.take() == [])
  }

  @Test("A failure is told; the next change of the role tries again")
  func failure() {
    kernel.refusal = .init(rawValue: 19)
    control.apply(configured("eth0"), for: instance, isMaster: false)
    #expect(
      directory.logged == [
        "IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: No such device(19)"
      ])
    kernel.refusal = nil
    _ = kernel.take()
    control.run(as: .master)
    #expect(kernel.take().last == .startDaemon(daemon(.master)))
  }

  @Test("A kernel without IPVS is told of, and VRRP goes on")
  func missing() {
    let control = SyncDaemonControl(log: directory.log()) {
      () throws(IPVSChannel.Failure) in throw .failed(.noEntry)
    }
    control.apply(configured("eth0"), for: instance, isMaster: false)
    #expect(
      directory.logged == [
        "IPVS: Can't initialize ipvs: the kernel has no IPVS (module ip_vs)"
      ])
    control.stop()
  }
}
