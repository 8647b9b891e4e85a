package import Primitives

/// What the VRRP process works on. Items are in the order of the text.
package struct VRRPConfiguration: Hashable, Sendable {
  package var instances: [VRRPInstance] = []
  package var syncGroups: [VRRPSyncGroup] = []
  package var scripts: [VRRPScript] = []
  package var trackFiles: [TrackFile] = []
  package var trackProcesses: [TrackProcess] = []
  package var bfdInstances: [TrackedBFD] = []
  package var staticAddresses: [AddressLine] = []
  package var staticRoutes: [RouteLine] = []
  package var staticRules: [RuleLine] = []
  package var trackGroups: [TrackGroup] = []
  package var garpGroups: [GARPGroup] = []
  package var linkbeatInterfaces: [LinkbeatInterface] = []
  package var upDownDelays: [UpDownDelay] = []

  package init() {}
}

/// `track_group NAME { group { … } }`: the instances that depend on static items.
package struct TrackGroup: Hashable, Sendable {
  package var name: String
  /// Names of instances; all of them exist.
  package var instances: [String] = []

  package init(name: String) { self.name = name }
}

/// `garp_group`: interfaces that share the pauses between their messages.
package struct GARPGroup: Hashable, Sendable {
  package var garpInterval: Microseconds?
  package var gnaInterval: Microseconds?
  package var interfaces: [String] = []

  package init() {}
}

/// A line of `linkbeat_interfaces`.
package struct LinkbeatInterface: Hashable, Sendable {
  package var interface: String
  package var method: Method = .automatic

  package enum Method: String, Hashable, Sendable {
    case automatic
    case mii = "MII"
    case ethtool = "ETHTOOL"
    case ioctl = "IOCTL"
  }

  package init(interface: String) { self.interface = interface }
}

/// A line of `interface_up_down_delays`: how long a change of the link is held back.
package struct UpDownDelay: Hashable, Sendable {
  package var interface: String
  package var down: Microseconds
  package var up: Microseconds

  package init(interface: String, down: Microseconds, up: Microseconds) {
    self.interface = interface
    self.down = down
    self.up = up
  }
}

/// As much of a `bfd_instance` as tracking needs.
package struct TrackedBFD: Hashable, Sendable {
  package var name: String
  package var weight: Int16 = 0
  package var isReversed = false
  /// Whether the VRRP process gets its events.
  package var vrrp = true
  /// Whether the checker process gets its events.
  package var checker = true

  package init(name: String) { self.name = name }
}
