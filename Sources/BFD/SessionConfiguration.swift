package import Primitives

/// All that the protocol needs to know of one session: a value without behaviour.
///
/// The process layer makes it of the parsed configuration, with defaults applied and validated;
/// nothing is checked here again, but no value of a field makes a trap.
package struct SessionConfiguration: Hashable, Sendable {
  package var name: String
  package var neighbor: IPAddress
  /// `source_ip`: where packets come from, and where those of the neighbor have to go.
  package var source: IPAddress?
  /// Required Min RX Interval (RFC 5880 6.8.1), in all states.
  package var minRx: Microseconds = .milliseconds(10)
  /// Desired Min TX Interval while up.
  package var minTx: Microseconds = .milliseconds(10)
  /// Desired Min TX Interval while not up: at least a second (RFC 5880 6.8.3).
  package var idleTx: Microseconds = .seconds(1)
  /// Detect Mult.
  package var multiplier: UInt8 = 5
  /// Silent until the neighbor has been heard (RFC 5880 6.1).
  package var isPassive = false
  /// RFC 5883: several hops, and a port of their own.
  package var isMultihop = false
  /// Time to live or hop limit of what is sent, and what `maxHops` counts from.
  package var hopLimit: UInt8
  /// How many hops a received packet may have made; 255 is any number.
  package var maxHops: UInt8 = 0
  /// Who is told of the state.
  package var reportsToVRRP = true
  package var reportsToChecker = true

  package init(name: String, neighbor: IPAddress) {
    self.name = name
    self.neighbor = neighbor
    hopLimit = neighbor.family == .ipv4 ? 255 : 64
  }

  /// RFC 5881 4, RFC 5883 5.
  package var port: UInt16 { isMultihop ? Self.multihopPort : Self.singleHopPort }

  package static let singleHopPort: UInt16 = 3784
  package static let multihopPort: UInt16 = 4784
  /// Source ports (RFC 5881 4).
  package static let sourcePorts: ClosedRange<UInt16> = 49152...65535
}
