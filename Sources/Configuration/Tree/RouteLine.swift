package import Primitives

/// A line of `virtual_routes` or `static_routes`.
package struct RouteLine: Hashable, Sendable {
  package var family: AddressFamily = .ipv4
  /// rtm_type; 1 is unicast.
  package var type: UInt8 = 1
  package var destination = Prefix(address: nil, length: 0)
  package var from: Prefix?
  package var preferredSource: IPAddress?
  package var via: IPAddress?
  package var device: String?
  /// rt_tables number; nil is main.
  package var table: UInt32?
  package var tos: UInt8 = 0
  package var scope: UInt8?
  package var metric: UInt32?
  /// RTPROT_KEEPALIVED unless `no_track` allows another.
  package var routeProtocol: UInt8 = 18
  package var realms: UInt32?
  /// Router preference: 0 medium, 1 high, 3 low.
  package var preference: UInt8?
  package var expires: UInt32?
  package var ttlPropagate: Bool?
  package var onlink = false
  package var placement: Placement = .prepend
  /// In the order of the text, one for each kind.
  package var metrics: [Metric] = []
  /// RTAX_CC_ALGO.
  package var congestionControl: String?
  package var isCongestionControlLocked = false
  package var encapsulation: Encapsulation?
  package var nexthops: [NextHop] = []
  package var noTrack = false
  package var trackGroup: String?
  package var position = LinePosition()

  package init() {}

  /// How the kernel treats an equal route.
  package enum Placement: Hashable, Sendable { case prepend, append, add }

  /// A value of RTA_METRICS in the kernel's unit.
  package struct Metric: Hashable, Sendable {
    /// RTAX_ numbers.
    package enum Kind: UInt16, Hashable, Sendable {
      case mtu = 2
      case window, rtt, rttvar, ssthresh, cwnd, advmss, reordering, hoplimit, initcwnd, features
      case rtoMin, initrwnd, quickack, congctl, fastopenNoCookie
    }

    package var kind: Kind
    package var value: UInt32
    package var isLocked: Bool

    package init(_ kind: Kind, _ value: UInt32, isLocked: Bool = false) {
      self.kind = kind
      self.value = value
      self.isLocked = isLocked
    }
  }

  package struct NextHop: Hashable, Sendable {
    package var via: IPAddress?
    package var device: String?
    /// 1…256.
    package var weight: UInt16 = 1
    package var onlink = false
    package var realms: UInt32?
    package var encapsulation: Encapsulation?

    package init() {}
  }

  /// `encap`.
  package enum Encapsulation: Hashable, Sendable {
    case ip(Tunnel)
    case ip6(Tunnel)
    case mpls([UInt32])
    /// The locator in network order.
    case ila(UInt64)
  }

  package struct Tunnel: Hashable, Sendable {
    package var id: UInt64?
    package var destination: IPAddress?
    package var source: IPAddress?
    /// `tos` or `tc`.
    package var trafficClass: UInt8?
    /// `ttl` or `hoplimit`.
    package var hopLimit: UInt8?
    package var flags: UInt16?

    package init() {}
  }
}
