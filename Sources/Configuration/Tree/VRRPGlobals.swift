package import Primitives

/// The `vrrp_…` keywords of `global_defs`: defaults of all instances and settings of the process.
package struct VRRPGlobals: Hashable, Sendable {
  package var version: VRRPVersion = .two
  package var mcastGroup4 = IPv4Address(224, 0, 0, 18)
  package var mcastGroup6 = IPv6Address(high: 0xff02 << 48, low: 0x12)
  package var defaultInterface: String?
  package var garp = GARPSettings()
  package var garpInterval = Microseconds.zero
  package var gnaInterval = Microseconds.zero
  package var garpExtraIf = GARPExtraInterfaces()
  package var downTimerAdverts: UInt8 = 3
  package var lowerPrioNoAdvert = false
  package var higherPrioSendAdvert = false
  package var v3ChecksumAsV2 = false
  package var checkUnicastSrc = false
  package var skipCheckAdvAddr = false
  package var strict = false
  package var ownerIgnoreAdverts = false
  package var notifyPriorityChanges = false
  package var dynamicInterfaces: DynamicInterfaces = .off
  package var disableLocalIGMP = false
  package var logUnknownVRIDs = false
  /// `vrrp_startup_delay`, as configured: a reload compares it.
  package var startupDelay = Microseconds.zero
  /// `vrrp_delay_after_boot`, as configured: it counts from the start of the machine.
  package var delayAfterBoot = Microseconds.zero
  package var vmacPrefix = "vrrp"
  package var vmacAddrPrefix = "vrrp"
  package var rxBufsPolicy: ReceiveBufferPolicy = .system
  package var rxBufsMultiplier: UInt32 = 3
  package var netlinkCmdRcvBufs = SocketBuffer()
  package var netlinkMonitorRcvBufs = SocketBuffer()
  package var processMonitorRcvBufs = SocketBuffer()

  package init() {}

  package enum DynamicInterfaces: Hashable, Sendable {
    case off, on
    /// Interfaces may also change their type.
    case allowIfChanges
  }

  package enum ReceiveBufferPolicy: Hashable, Sendable {
    case system, mtu, advert
    case bytes(UInt32)
  }
}

/// When and how often gratuitous ARP and unsolicited neighbour advertisements are sent.
package struct GARPSettings: Hashable, Sendable {
  package var masterDelay = Microseconds.seconds(5)
  package var masterRepeat: UInt32 = 5
  /// Zero is off.
  package var masterRefresh = Microseconds.zero
  package var masterRefreshRepeat: UInt32 = 1
  package var lowerPrioDelay = Microseconds.seconds(5)
  package var lowerPrioRepeat: UInt32 = 5

  package init() {}
}

/// `garp_extra_if [all] SECONDS`.
package struct GARPExtraInterfaces: Hashable, Sendable {
  /// Zero is off.
  package var interval = Microseconds.zero
  package var all = false

  package init() {}
}

/// The receive buffer of a socket: `…_rcv_bufs` and `…_rcv_bufs_force`.
package struct SocketBuffer: Hashable, Sendable {
  /// 0 is the kernel's standard.
  package var bytes: UInt32 = 0
  package var force = false

  package init() {}
}
