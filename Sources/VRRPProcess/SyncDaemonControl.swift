import ProcessFrame
import Configuration
import IPVS
import Kernel
import Logging
import Primitives
import SystemIO
import VRRP
import VirtualServices

/// `lvs_sync_daemon` with an instance: the kernel tells of its IPVS connections while the instance
/// is MASTER, and listens while it is not.
final class SyncDaemonControl {
  /// Carries out a change of IPVS; nil if it succeeded.
  typealias Kernel = (Request.Action) -> RequestFailure?

  private struct Settings: Equatable {
    var configured: LVSGlobals.SyncDaemon
    /// The instance's VRID.
    var defaultID: UInt8
  }

  private let log: Log
  private let open: () throws(IPVSChannel.Failure) -> Kernel
  /// Opened when it is needed for the first time.
  private var kernel: Kernel?
  private var settings: Settings?
  private var running: SyncDaemon?

  init(log: Log, open: @escaping () throws(IPVSChannel.Failure) -> Kernel) {
    self.log = log
    self.open = open
  }

  /// At the start and at a reload. `instance` is the one that drives the daemon, `isMaster` what it
  /// is now; without one no daemon runs.
  func apply(
    _ configured: LVSGlobals.SyncDaemon?, for instance: VRRPInstance?, isMaster: Bool
  ) {
    guard let configured, let instance else {
      stop()
      settings = nil
      return
    }
    settings = Settings(configured: configured, defaultID: instance.virtualRouterID.rawValue)
    run(as: isMaster ? .master : .backup)
  }

  /// The role changes with the instance's state.
  func run(as role: SyncDaemon.Role) {
    guard let settings, let kernel = openedKernel() else { return }
    let wanted = SyncDaemon(role, settings.configured, defaultID: settings.defaultID)
    if wanted == running { return }
    if let running {
      report(.stopDaemon(running.role, syncID: running.syncID), kernel)
    } else {
      // What a predecessor that crashed may have left behind: nothing is no fault.
      for role in SyncDaemon.Role.allCases { _ = kernel(.stopDaemon(role, syncID: wanted.syncID)) }
    }
    running = report(.startDaemon(wanted), kernel) ? wanted : nil
  }

  func stop() {
    if let running, let kernel { report(.stopDaemon(running.role, syncID: running.syncID), kernel) }
    running = nil
  }

  private func openedKernel() -> Kernel? {
    if kernel == nil {
      do throws(IPVSChannel.Failure) { kernel = try open() } catch {
        log.error("IPVS: Can't initialize ipvs: \(error.text)")
      }
    }
    return kernel
  }

  /// Whether it succeeded.
  @discardableResult
  private func report(_ action: Request.Action, _ kernel: Kernel) -> Bool {
    // A daemon that is stopped before it has run is stopped without an answer.
    guard let failure = kernel(action), failure != .interrupted else { return true }
    log.info(Request(action).complaint(failure, systemText: failure.systemText))
    return false
  }
}

extension VRRPProcess {
  /// The daemon by the state that its instance has now.
  func applySyncDaemon() {
    let configuration = context.configuration
    let place = routers.firstIndex { $0.configuration.runsSyncDaemon }
    syncDaemon.apply(
      configuration.global.lvs.syncDaemon, for: place.map { routers[$0].instance },
      isMaster: place.map { core.routers[$0].state == .master } ?? false)
  }
}

extension IPVSChannel {
  /// A single change; nil if it succeeded.
  func perform(_ action: Request.Action) -> RequestFailure? {
    do throws(RequestFailure) {
      try perform(Request(action))
      return nil
    } catch { return error }
  }
}
