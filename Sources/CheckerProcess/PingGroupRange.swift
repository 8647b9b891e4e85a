import Logging
import SystemIO

/// The groups that may have ping sockets (`ping_group_range`): that of root is let in, and the
/// lower bound is put back at the end.
final class PingGroupRange {
  private let path: String
  private let log: Log
  private var original: Bounds?

  private struct Bounds {
    var lower: UInt32
    var upper: UInt32

    /// Nil for what the kernel would not say.
    init?(_ line: String) {
      let words = line.split { $0 == "\t" || $0 == " " }
      guard words.count == 2, let lower = UInt32(words[0]), let upper = UInt32(words[1]) else {
        return nil
      }
      self.lower = lower
      self.upper = upper
    }

    var text: String { "\(lower)\t\(upper)" }
  }

  init(_ path: String = "/proc/sys/net/ipv4/ping_group_range", log: Log) {
    self.path = path
    self.log = log
  }

  private var current: Bounds? { FileSystem.line(of: path).flatMap(Bounds.init) }

  /// Harmless if it is so already.
  func admitRoot() {
    guard let current, current.lower != 0 else { return }
    var wanted = current
    wanted.lower = 0
    // `1 0` is the kernel's word for nobody.
    if current.lower > 1 && current.upper > 1 {
      log.warning(
        "Warning: \(path) being expanded from \(current.lower) \(current.upper)"
          + " to \(wanted.lower) \(wanted.upper)")
    }
    do throws(Errno) {
      try FileSystem.setKernelValue(path, wanted.text)
      original = original ?? current
    } catch { log.warning("Unable to set \(path) to \(wanted.lower) \(wanted.upper) - \(error)") }
  }

  /// What somebody else has made of the upper bound meanwhile stays.
  func restore() {
    guard let original, var bounds = current else { return }
    bounds.lower = original.lower
    try? FileSystem.setKernelValue(path, bounds.text)
    self.original = nil
  }
}
