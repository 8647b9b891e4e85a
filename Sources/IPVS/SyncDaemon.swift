package import Primitives

/// The daemon of the kernel that hands connections to other directors, or takes theirs.
package struct SyncDaemon: Hashable, Sendable {
  package enum Role: Int32, Hashable, Sendable, CaseIterable {
    /// Tells of its connections.
    case master = 1
    /// Listens.
    case backup = 2

    package var other: Role { self == .master ? .backup : .master }
  }

  package var role: Role
  package var interface: String
  package var syncID: UInt8
  /// Octets of a message; nil: what the interface takes.
  package var maxLength: UInt16?
  /// Nil: 8848.
  package var port: UInt16?
  /// Nil: 1.
  package var ttl: UInt8?
  /// Nil: 224.0.0.81.
  package var group: IPAddress?

  package init(_ role: Role, interface: String, syncID: UInt8) {
    self.role = role
    self.interface = interface
    self.syncID = syncID
  }
}
