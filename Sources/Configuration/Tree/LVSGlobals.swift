package import Primitives

/// The IPVS keywords of `global_defs`.
package struct LVSGlobals: Hashable, Sendable {
  /// Seconds; 0 leaves the kernel's value, nil was not given.
  package var timeoutTCP: UInt32?
  package var timeoutTCPFin: UInt32?
  package var timeoutUDP: UInt32?
  package var flush = false
  package var flushOnStop: FlushOnStop = .off
  package var syncDaemon: SyncDaemon?
  package var netlinkCmdRcvBufs = SocketBuffer()
  package var netlinkMonitorRcvBufs = SocketBuffer()

  package init() {}

  package enum FlushOnStop: Hashable, Sendable {
    case off, full, virtualServers
  }

  /// `lvs_sync_daemon`.
  package struct SyncDaemon: Hashable, Sendable {
    package var interface: String
    /// The VRRP instance that drives it; without one the checker starts master and backup.
    package var vrrpInstance: String?
    /// Nil is the instance's VRID, or 0 without an instance.
    package var id: UInt8?
    package var maxLength: UInt16?
    package var port: UInt16?
    package var ttl: UInt8?
    package var group: IPAddress?

    package init(interface: String) { self.interface = interface }
  }
}
