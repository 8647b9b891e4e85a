import Primitives

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
