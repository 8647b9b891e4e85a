package import Primitives

/// Something that the process layer does for the core. Effects are carried out in order.
package enum Effect: Hashable, Sendable {
  /// Begin an attempt, of the url of that number where the check has several; its end is told by
  /// `ended`.
  case begin(CheckerIndex, url: Int)
  /// When `timerFired` is to be called next.
  case deadline(CheckerIndex, Instant)
  /// IPVS shall hold what `pool` says now.
  case pool(VirtualServerIndex)
  /// Script, FIFO line.
  case notifyRealServer(RealServerIndex, isUp: Bool)
  /// Script, FIFO line.
  case notifyVirtualServer(VirtualServerIndex, isUp: Bool)
  /// The same for what a reload has taken out of the configuration.
  case notifyRemovedRealServer(RealServerIndex)
  case notifyRemovedVirtualServer(VirtualServerIndex)
  case log(CheckTrace)
}
