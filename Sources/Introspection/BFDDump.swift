package import BFD
package import Primitives
import Wire

/// The sections of the BFD process.
package enum BFDDump {
  /// What the process layer knows of a session.
  package struct Output {
    /// The number of the socket; nil without one.
    package var descriptor: Int32?

    package init(descriptor: Int32?) { self.descriptor = descriptor }
  }

  /// Between the clocks: the monotonic one of the core and the one on the wall.
  package struct Moment {
    package var now: Instant
    /// Microseconds since 1970.
    package var wall: Int64
    /// Writes seconds since 1970 as a local date.
    package var date: (Int64) -> String

    package init(now: Instant, wall: Int64, date: @escaping (Int64) -> String) {
      self.now = now
      self.wall = wall
      self.date = date
    }
  }

  package static func text(
    _ sessions: BFDSessions, listeners: (singleHop: Int32?, multihop: Int32?), outputs: [Output],
    at moment: Moment
  ) -> DumpText {
    var dump = DumpText()
    dump.section("BFD Data")
    dump.value("fd_in", ifSet: listeners.singleHop)
    dump.value("multihop fd_in", ifSet: listeners.multihop)
    if sessions.sessions.isEmpty { return dump }
    dump.section("BFD Topology")
    for (session, output) in zip(sessions.sessions, outputs) {
      configuration(session.configuration, &dump)
      state(session, output, moment, &dump)
    }
    return dump
  }

  private static func configuration(_ session: SessionConfiguration, _ dump: inout DumpText) {
    dump.value("BFD Instance", session.name)
    dump.value("  Neighbor IP", session.neighbor)
    dump.value("  Source IP", ifSet: session.source)
    dump.value("  Required min RX interval", "\(session.minRx.count) us")
    dump.value("  Desired min TX interval", "\(session.minTx.count) us")
    dump.value("  Desired idle TX interval", "\(session.idleTx.count) us")
    dump.value("  Detection multiplier", session.multiplier)
    dump.value(session.neighbor.family == .ipv4 ? "  TTL" : "  hoplimit", session.hopLimit)
    dump.value("  max_hops", session.maxHops)
    dump.value("  passive", session.isPassive)
    dump.value("  send event to VRRP process", session.reportsToVRRP ? "Yes" : "No")
    dump.value("  send event to checker process", session.reportsToChecker ? "Yes" : "No")
  }

  private static func state(
    _ session: SessionStateMachine, _ output: Output, _ moment: Moment, _ dump: inout DumpText
  ) {
    dump.line("   fd_out \(output.descriptor ?? -1)")
    dump.value("  send error", session.hasSendError)
    dump.value("  local state", session.state)
    dump.value("  remote state", session.remoteState)
    dump.value("  local discriminator", hexadecimal(session.localDiscriminator))
    dump.value("  remote discriminator", hexadecimal(session.remoteDiscriminator))
    dump.value("  local diag", session.localDiagnostic)
    dump.value("  remote diag", session.remoteDiagnostic)
    dump.value("  remote min tx intv", "\(session.remoteMinTx.count) us")
    dump.value("  remote min rx intv", "\(session.remoteMinRx.count) us")
    dump.value("  local demand", 0)
    dump.value("  remote demand", session.isRemoteDemanding.number)
    dump.value("  remote detect multiplier", session.remoteMultiplier)
    // An answer to the neighbor's poll goes at once: none is ever pending.
    dump.line("   " + (session.poll == .polling ? "poll" : "!poll") + ", !final")
    dump.value("  local tx intv", "\(session.transmitInterval.count) us")
    dump.value("  remote tx intv", "\(session.remoteTransmitInterval.count) us")
    dump.value("  local detection time", "\(session.detectionTime.count) us")
    dump.value("  remote detection time", "\(session.remoteDetectionTime.count) us")
    guard let lastSeen = session.lastSeen else {
      dump.line("   last_seen = [never]")
      return
    }
    let wall = Microseconds(moment.wall) - (moment.now - lastSeen)
    let fraction = wall.secondsText.suffix(6)
    dump.value(
      "  last seen",
      "\(wall.secondsText) (\(moment.date(wall.wholeSeconds)).\(fraction))")
  }

  private static func hexadecimal(_ discriminator: Discriminator) -> String {
    "0x" + String(discriminator.rawValue, radix: 16)
  }
}
