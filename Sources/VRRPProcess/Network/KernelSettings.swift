import Logging
import Primitives
import SystemIO

/// Settings of the kernel that the configuration asks for, and that are put back at the end.
final class KernelSettings {
  private let log: Log
  /// What stood there before, by path.
  private var originals: [String: String] = [:]

  init(log: Log) { self.log = log }

  /// A primary address that goes does not take its secondary ones along (`promote_secondaries`).
  func promoteSecondaries(on interface: String) {
    guard !interface.contains("/") else { return }
    set("/proc/sys/net/ipv4/conf/\(interface)/promote_secondaries", "1", where: "0")
  }

  /// The kernel reports no membership of groups of the local network (`disable_local_igmp`).
  func disableLocalIGMP() {
    set("/proc/sys/net/ipv4/igmp_link_local_mcast_reports", "0", where: "1")
  }

  private func set(_ path: String, _ value: String, where original: String) {
    guard originals[path] == nil, FileSystem.line(of: path) == original else { return }
    do throws(Errno) {
      try FileSystem.setKernelValue(path, value)
      originals[path] = original
    } catch { log.warning("Unable to set \(path) to \(value) - \(error)") }
  }

  func restore() {
    for (path, value) in originals { try? FileSystem.setKernelValue(path, value) }
    originals = [:]
  }
}
