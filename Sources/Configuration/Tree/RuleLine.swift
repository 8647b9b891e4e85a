package import Primitives

/// A line of `virtual_rules` or `static_rules`.
package struct RuleLine: Hashable, Sendable {
  package var family: AddressFamily = .ipv4
  package var action: Action = .table(0)
  package var from: Prefix?
  package var to: Prefix?
  package var isInverted = false
  /// Assigned from 16384 downwards where the text has none.
  package var priority: UInt32 = 0
  package var tos: UInt8 = 0
  package var fwmark: UInt32?
  package var fwmask: UInt32?
  package var realms: UInt32?
  package var suppressPrefixLength: UInt32?
  package var suppressGroup: UInt32?
  package var inputDevice: String?
  package var outputDevice: String?
  package var tunnelID: UInt64?
  package var userRange: ClosedRange<UInt32>?
  package var ipProtocol: UInt8?
  package var sourcePorts: ClosedRange<UInt16>?
  package var destinationPorts: ClosedRange<UInt16>?
  /// RTPROT_KEEPALIVED; with `no_track` what is given, or none (0).
  package var ruleProtocol: UInt8 = 18
  package var noTrack = false
  package var trackGroup: String?
  package var position = LinePosition()

  package init() {}

  package enum Action: Hashable, Sendable {
    case table(UInt32)
    /// The table of the device's VRF.
    case l3mdev
    case goto(UInt32)
    case nop, blackhole, unreachable, prohibit
  }
}
