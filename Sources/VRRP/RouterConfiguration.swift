package import Primitives
package import Wire

/// All that the protocol needs to know of one virtual router: a value without behaviour.
///
/// The process layer makes it of the parsed configuration, with defaults and strict mode applied
/// and validated; nothing is checked here again, but no value of a field makes a trap.
package struct RouterConfiguration: Sendable {
  package var name: String
  package var identity: RouterIdentity
  package var version: VRRPVersion
  /// The configured priority; 255 is the owner of the addresses (RFC 5798 6.1).
  package var priority: Priority
  /// `state MASTER`, or, without `state`, a priority of 255.
  package var wantsMaster: Bool
  /// Both `state MASTER` and `priority 255` are written: only then does a group begin as MASTER.
  package var isExplicitOwner = false
  package var advertisementInterval: Microseconds = .seconds(1)
  package var downTimerAdverts: Int64 = 3
  package var preempts = true
  package var preemptDelay: Microseconds?
  package var higherPrioSendAdvert = false
  package var lowerPrioNoAdvert = false
  package var ownerIgnoreAdverts = false
  package var skipCheckAdvAddr = false
  package var checkUnicastSrc = false
  /// The priority in `timer_expired_backup`.
  package var timerExpiredBackup: Priority?
  package var notifyPriorityChanges = false
  package var notifyDeleted = false
  package var hasConfigurationFault = false

  /// The interface that advertisements leave by; none for a router without one.
  package var sendingInterface: InterfaceIndex = .none
  /// `mcast_src_ip` or `unicast_src_ip`: never replaced.
  package var configuredSource: IPAddress?
  /// The address of the interface when there is no configured source; if that is tracked, it
  /// itself while the interface has it.
  package var interfaceSource: IPAddress?
  /// At fault while the interface does not have the configured source (`track_src_ip`).
  package var tracksSource = false
  package var multicastGroup: IPAddress
  package var peers: [UnicastPeer] = []
  package var unicastTTL: UInt8?
  package var unicastChecksum: UnicastChecksum = .automatic
  package var v3ChecksumAsV2 = false

  package var authentication: RouterAuthentication = .none
  package var authHMAC: AuthHMAC?

  package var addresses: [VirtualAddress] = []
  package var excludedAddresses: [VirtualAddress] = []
  package var hasRoutes = false
  package var hasRules = false
  /// Whether firewall elements come and go with the addresses.
  package var usesFirewall = false
  package var runsSyncDaemon = false
  package var gratuitous = GratuitousSchedule()
  package var trackings: [Tracking] = []

  package init(
    name: String, identity: RouterIdentity, version: VRRPVersion,
    priority: Priority = .standard, wantsMaster: Bool = false
  ) {
    self.name = name
    self.identity = identity
    self.version = version
    self.priority = priority
    self.wantsMaster = wantsMaster
    multicastGroup =
      identity.family == .ipv4 ? .ipv4(Self.ipv4Group) : .ipv6(Self.ipv6Group)
    if !identity.isUnicast, let group = identity.address { multicastGroup = group }
    if identity.isUnicast { configuredSource = identity.address }
  }

  /// RFC 5798 5.1.1.2.
  package static let ipv4Group = IPv4Address(224, 0, 0, 18)
  /// RFC 5798 5.1.2.2.
  package static let ipv6Group = IPv6Address(high: 0xff02 << 48, low: 0x12)

  package var virtualRouterID: VirtualRouterID { identity.virtualRouterID }
  package var family: AddressFamily { identity.family }
  package var isUnicast: Bool { identity.isUnicast }
  package var isOwner: Bool { priority == .owner }
  var lacksTrackedSource: Bool {
    tracksSource && configuredSource != nil && interfaceSource != configuredSource
  }

  /// The network protocol that carries it: the authentication header has its own.
  package var protocolNumber: IPProtocol {
    switch authentication {
    case .header: .authenticationHeader
    case .none, .password: .vrrp
    }
  }

  package var authenticationType: AuthenticationType {
    switch authentication {
    case .none: .none
    case .password: .simpleTextPassword
    case .header: .ipAuthenticationHeader
    }
  }

  package func address(_ reference: AddressReference) -> VirtualAddress? {
    switch reference {
    case .virtual(let index): addresses.indices.contains(index) ? addresses[index] : nil
    case .excluded(let index):
      excludedAddresses.indices.contains(index) ? excludedAddresses[index] : nil
    case .source: nil
    }
  }
}

/// A peer of a unicast virtual router and the hop counts that its advertisements may arrive with.
package struct UnicastPeer: Hashable, Sendable {
  package var address: IPAddress
  package var minimumTTL: UInt8?
  package var maximumTTL: UInt8?

  package init(address: IPAddress, minimumTTL: UInt8? = nil, maximumTTL: UInt8? = nil) {
    self.address = address
    self.minimumTTL = minimumTTL
    self.maximumTTL = maximumTTL
  }

  package var limitsTTL: Bool { minimumTTL != nil || maximumTTL != nil }
  package var acceptedTTL: ClosedRange<UInt8> {
    let low = minimumTTL ?? 0
    return low...max(low, maximumTTL ?? 255)
  }
}

/// How a unicast version 3 router over IPv4 computes the pseudo header of its checksum.
package enum UnicastChecksum: Hashable, Sendable {
  /// RFC 5798 5.2.8; the checksum of old keepalived versions is accepted too.
  case automatic
  /// `old_unicast_checksum never`: RFC 5798 5.2.8 alone.
  case standard
  /// `old_unicast_checksum`: the destination in the pseudo header is the multicast group.
  case old
}

/// The authentication of version 2 (RFC 2338 5.3.6), with the eight octets of `auth_pass`.
package enum RouterAuthentication: Sendable {
  case none
  case password([8 of UInt8])
  case header(key: [8 of UInt8])
}
