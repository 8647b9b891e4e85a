package import Primitives

/// What the virtual routers of a process share.
struct RouterEnvironment {
  var options: ProtocolOptions
  var authenticator: any Authenticator
  /// The end of the start delay, while it runs.
  var delayedUntil: Instant?
  var gratuitous: GratuitousQueue

  init(options: ProtocolOptions, authenticator: any Authenticator) {
    self.options = options
    self.authenticator = authenticator
    gratuitous = GratuitousQueue(limits: options.limiters)
  }

  /// From when a timer runs that is set now.
  func timerBase(_ now: Instant) -> Instant { max(now, delayedUntil ?? now) }
}

/// Settings of the whole process.
package struct ProtocolOptions: Hashable, Sendable {
  /// How long after the start nothing is sent and nothing heard.
  package var startDelay: Microseconds = .zero
  package var logUnknownVRIDs = false
  package var vrrpCheckUnicastSrc = false
  /// `vrrp_mcast_group4`: the destination in the pseudo header of old unicast checksums.
  package var multicastGroup = RouterConfiguration.ipv4Group
  /// `--dont-release-vrrp`.
  package var keepsAddressesAtStop = false
  /// `--release-vips`.
  package var alwaysReleasesAddresses = false
  package var fifoWriteVRRPStatesOnReload = false
  package var limiters: [GratuitousLimit] = []

  package init() {}
}
