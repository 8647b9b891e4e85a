import Configuration
import IPVS
import Kernel
import Logging
import SystemIO
import VirtualServices

/// `lvs_timeouts`: sets the time-outs of IPVS, and gives the kernel its own back.
final class IPVSTimeouts {
  private let channel: IPVSChannel
  private let log: Log
  /// What the kernel had before anything was set.
  private var originals: Timeouts?
  private var current: Timeouts?

  init(_ channel: IPVSChannel, log: Log) {
    self.channel = channel
    self.log = log
  }

  /// At the start and at a reload: what is not configured is as it was originally.
  func apply(_ configured: LVSGlobals) {
    let values = [configured.timeoutTCP, configured.timeoutTCPFin, configured.timeoutUDP]
    guard values.contains(where: { ($0 ?? 0) != 0 }) else {
      restore()
      return
    }
    if originals == nil {
      do throws(Errno) { originals = try channel.timeouts() } catch {
        log.info("Failed to get IPVS timeouts")
        return
      }
    }
    if let wanted = originals?.replaced(by: configured) { set(wanted) }
  }

  func restore() {
    if let originals { set(originals) }
  }

  private func set(_ timeouts: Timeouts) {
    if timeouts == current || (current == nil && timeouts == originals) { return }
    do throws(RequestFailure) {
      try channel.perform(Request(.setTimeouts(timeouts)))
      current = timeouts
    } catch { log.info("Failed to set ipvs timeouts") }
  }
}
