import Configuration
import IPVS
import Kernel
import Logging
import SystemIO
import VirtualServices

/// `lvs_sync_daemon` without an instance of VRRP: both daemons run, the one that tells of
/// connections and the one that listens.
final class SyncDaemons {
  private let kernel: any RequestPerformer
  private let log: Log
  /// What runs; nil: nothing of ours.
  private var running: LVSGlobals.SyncDaemon?

  init(_ kernel: any RequestPerformer, log: Log) {
    self.kernel = kernel
    self.log = log
  }

  /// At the start and at a reload. Daemons with an instance are the business of the VRRP process.
  func apply(_ configured: LVSGlobals.SyncDaemon?) {
    let wanted = configured.flatMap { $0.vrrpInstance == nil ? $0 : nil }
    if wanted == running { return }
    // At the start those that a predecessor left behind.
    if let known = running ?? wanted { stop(known) }
    running = wanted
    guard let wanted else { return }
    for role in SyncDaemon.Role.allCases {
      let action = Request.Action.startDaemon(SyncDaemon(role, wanted, defaultID: 0))
      if let failure = kernel.perform(action) {
        log.info(Request(action).complaint(failure, systemText: failure.systemText))
      }
    }
  }

  func stop() {
    if let running { stop(running) }
    running = nil
  }

  /// What does not run cannot be stopped: errors mean nothing.
  private func stop(_ daemon: LVSGlobals.SyncDaemon) {
    for role in SyncDaemon.Role.allCases {
      _ = kernel.perform(.stopDaemon(role, syncID: daemon.id ?? 0))
    }
  }
}
