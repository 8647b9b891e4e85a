import CNetlink
package import Primitives

/// A route to set, with all that can be said of it.
package struct RouteAssignment: Hashable, Sendable {
  /// Destination, or source, of a route: an address and how many of its bits count.
  package struct Prefix: Hashable, Sendable {
    package var address: IPAddress
    package var length: UInt8

    package init(_ address: IPAddress, _ length: UInt8) {
      self.address = address
      self.length = length
    }
  }

  /// Where it goes among equal ones.
  package enum Placement: Hashable, Sendable {
    case prepend, append
    /// Only if there is none.
    case exclusive
  }

  /// A value of RTA_METRICS.
  package struct Metric: Hashable, Sendable {
    /// RTAX_ number.
    package var kind: UInt16
    package var value: UInt32

    package init(kind: UInt16, value: UInt32) {
      self.kind = kind
      self.value = value
    }
  }

  /// Where packets go.
  package struct Hop: Hashable, Sendable {
    package var gateway: IPAddress?
    /// `.none`: the kernel looks for it.
    package var interface = InterfaceIndex.none
    /// 1…256; of several hops only.
    package var weight: UInt16 = 1
    package var isOnLink = false
    package var realms: UInt32?
    package var encapsulation: Encapsulation?

    package init() {}
  }

  /// A lightweight tunnel (linux/lwtunnel.h).
  package enum Encapsulation: Hashable, Sendable {
    case ip(Tunnel)
    case ip6(Tunnel)
    case mpls([UInt32])
    /// The locator, first group highest.
    case ila(UInt64)
  }

  package struct Tunnel: Hashable, Sendable {
    package var id: UInt64?
    package var destination: IPAddress?
    package var source: IPAddress?
    package var trafficClass: UInt8?
    package var hopLimit: UInt8?
    package var flags: UInt16?

    package init() {}
  }

  /// RTN_ number.
  package var type = UInt8(RTN_UNICAST)
  package var destination: Prefix
  package var source: Prefix?
  package var preferredSource: IPAddress?
  package var hop = Hop()
  /// Several in place of `hop`.
  package var hops: [Hop] = []
  package var table = UInt32(RT_TABLE_MAIN.rawValue)
  package var tos: UInt8 = 0
  package var scope: UInt8?
  package var metric: UInt32?
  /// RTPROT_ number.
  package var origin: UInt8
  /// ICMPV6_ROUTER_PREF_ number.
  package var preference: UInt8?
  /// Seconds.
  package var expires: UInt32?
  package var propagatesTTL: Bool?
  package var placement = Placement.prepend
  package var metrics: [Metric] = []
  /// One bit for each RTAX_ number.
  package var lockedMetrics: UInt32 = 0
  package var congestionControl: String?

  package init(to destination: Prefix, origin: UInt8) {
    self.destination = destination
    self.origin = origin
  }

  package var family: AddressFamily { destination.address.family }
}
