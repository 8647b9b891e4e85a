package import Primitives

/// What both sides want, and what comes of it: for the log.
package struct SessionParameters: Hashable, Sendable {
  package var localMinTx: Microseconds
  package var localMinRx: Microseconds
  package var localInterval: Microseconds
  package var localMultiplier: UInt8
  package var localDetectionTime: Microseconds
  package var remoteMinTx: Microseconds
  package var remoteMinRx: Microseconds
  package var remoteInterval: Microseconds
  package var remoteMultiplier: UInt8
  package var remoteDetectionTime: Microseconds

  /// Whether something of the neighbor, or the local interval, is another.
  func differs(from old: SessionParameters) -> Bool {
    remoteMinTx != old.remoteMinTx || remoteMinRx != old.remoteMinRx
      || remoteMultiplier != old.remoteMultiplier || localInterval != old.localInterval
  }

  func lines(_ name: String) -> [String] {
    let indent = SessionTrace.indent(name)
    return [
      "(\(name)) ---------------< Session parameters >--------------",
      indent + "          min_tx  min_rx  tx_intv  mult  detect_time",
      indent + " local  " + Self.pad(localMinTx.count, 8) + " " + Self.pad(localMinRx.count, 7)
        + " " + Self.pad(localInterval.count, 8) + " " + Self.pad(Int64(localMultiplier), 5)
        + " " + Self.pad(localDetectionTime.count, 12),
      indent + " remote " + Self.pad(remoteMinTx.count, 8) + " " + Self.pad(remoteMinRx.count, 7)
        + " " + Self.pad(remoteInterval.count, 8) + " " + Self.pad(Int64(remoteMultiplier), 5)
        + " " + Self.pad(remoteDetectionTime.count, 12),
    ]
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, width - digits.count)) + digits
  }
}
