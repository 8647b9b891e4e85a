package import Primitives

/// A virtual router: `vrrp_instance NAME { … }`.
///
/// After reading, every default is filled in (from the sync group, `global_defs` or the program)
/// and every rule of the end-of-read checks has been applied.
package struct VRRPInstance: Hashable, Sendable {
  package var name: String

  // MARK: Identity

  /// Nil only for unicast without an interface.
  package var interface: String?
  package var vrf: String?
  package var virtualRouterID = VirtualRouterID(rawValue: 0)
  package var family: AddressFamily = .ipv4
  package var version: VRRPVersion = .two
  /// What it starts as; a sync group may have made it `.backup`.
  package var state: State = .backup
  /// Whether the text says `state MASTER` and `priority 255` itself (RFC 5798 6.4.1 start-up).
  package var isStateExplicit = false
  package var isPriorityExplicit = false
  package var priority = Priority.standard
  package var strictMode = false

  // MARK: Timing and election

  package var advertInt = Microseconds.seconds(1)
  package var downTimerAdverts: UInt8 = 3
  package var nopreempt = false
  package var preemptDelay = Microseconds.zero
  /// The highest priority of others after our timers expired late; nil is off.
  package var timerExpiredBackup: Priority?
  package var lowerPrioNoAdvert = false
  package var higherPrioSendAdvert = false
  package var ownerIgnoreAdverts = false

  // MARK: Packets

  /// `mcast_src_ip` or `unicast_src_ip`.
  package var sourceAddress: IPAddress?
  package var trackSrcIP = false
  /// The advert's destination: `mcast_dst_ip` or the global group.
  package var multicastDestination: IPAddress = .ipv4(IPv4Address(224, 0, 0, 18))
  package var unicastPeers: [UnicastPeerLine] = []
  package var checkUnicastSrc = false
  /// Nil is 255 for IPv4 and the kernel's own for IPv6.
  package var unicastTTL: UInt8?
  package var unicastChecksum: OldUnicastChecksum = .detect
  package var v3ChecksumAsV2 = false
  package var skipCheckAdvAddr = false
  package var authentication: Authentication?
  package var authHMAC: AuthHMACSettings?
  package var kernelRxBufSize: UInt32 = 0

  // MARK: Addresses, routes, rules

  package var virtualAddresses: [AddressLine] = []
  package var excludedAddresses: [AddressLine] = []
  package var virtualRoutes: [RouteLine] = []
  package var virtualRules: [RuleLine] = []
  package var promoteSecondaries = false
  package var accept = true
  package var vmac: VMAC?
  package var useVMACAddr = false
  package var vmacXmitBase = false
  package var ipvlan: IPVLAN?

  // MARK: Announcements

  package var garp = GARPSettings()
  package var garpExtraIf = GARPExtraInterfaces()

  // MARK: Tracking

  package var dontTrackPrimary = false
  package var linkbeatUsePolling = false
  package var trackInterfaces: [Tracker] = []
  package var trackScripts: [Tracker] = []
  package var trackFiles: [Tracker] = []
  package var trackProcesses: [Tracker] = []
  package var trackBFDs: [Tracker] = []

  // MARK: Notification

  package var notify = NotifyScripts()
  package var notifyMasterRxLowerPri: Script?
  package var notifyDeletedScript: Script?
  /// `notify_deleted`: its removal at a reload is reported as DELETED instead of FAULT.
  package var notifyDeleted = false
  package var notifyPriorityChanges = false
  package var smtpAlert = false
  package var debug: UInt8 = 0

  // MARK: Findings of the checks

  /// The instance can never work as configured and stays in FAULT.
  package var hasConfigurationFault = false

  package init(name: String) { self.name = name }

  package enum State: Hashable, Sendable {
    case master, backup
  }

  /// The checksum of version 3 unicast packets.
  package enum OldUnicastChecksum: Hashable, Sendable {
    /// The new one until a peer is seen to use the old one.
    case detect
    case old
    /// The new one, whatever peers send.
    case never
  }

  /// Whether it owns its addresses (RFC 5798 6.1).
  package var isOwner: Bool { priority == .owner }
  package var isUnicast: Bool { !unicastPeers.isEmpty }
}

/// A line of `unicast_peer`.
package struct UnicastPeerLine: Hashable, Sendable {
  package var address: IPAddress
  package var minTTL: UInt8 = 0
  package var maxTTL: UInt8 = 255

  package init(address: IPAddress) { self.address = address }
}

/// `authentication`: RFC 2338, version 2 only.
package struct Authentication: Hashable, Sendable {
  package enum Method: Hashable, Sendable { case pass, ah }
  package var type: Method
  /// At most 8 bytes.
  package var pass: [UInt8]

  package init(type: Method, pass: [UInt8]) {
    self.type = type
    self.pass = pass
  }
}

/// `auth_hmac`: the HMAC-SHA256 trailer.
package struct AuthHMACSettings: Hashable, Sendable {
  package struct Key: Hashable, Sendable {
    package var id: UInt8
    /// 32 to 64 bytes.
    package var secret: [UInt8]

    package init(id: UInt8, secret: [UInt8]) {
      self.id = id
      self.secret = secret
    }
  }
  package enum AntiReplay: Hashable, Sendable { case time, monotonic }
  package enum Mode: Hashable, Sendable { case enforce, permissive, receiveOnly }

  package var keys: [Key] = []
  /// The id of the key used for sending; one of `keys`.
  package var activeKey: UInt8 = 0
  package var timeWindow = Microseconds.zero
  package var antiReplay: AntiReplay = .time
  package var mode: Mode = .enforce

  package init() {}
}

/// `use_vmac`.
package struct VMAC: Hashable, Sendable {
  /// Nil is made from the prefix and the VRID.
  package var name: String?
  /// Nil is the virtual router MAC address (RFC 5798 7.3).
  package var address: MACAddress?
  /// Nil is the parent's group.
  package var group: UInt32?
  package var netlinkNotifyMsg = false

  package init() {}
}

/// `use_ipvlan`.
package struct IPVLAN: Hashable, Sendable {
  package enum Mode: Hashable, Sendable { case bridge, `private`, vepa }
  package var name: String?
  package var mode: Mode = .bridge
  package var group: UInt32?
  package var address: IPAddress?
  package var prefixLength: UInt8 = 0

  package init() {}
}
