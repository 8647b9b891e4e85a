package import Primitives

/// What reading and validating must know of the machine. The only way out of this target: the real
/// one makes system calls, the one in the tests answers from tables.
///
/// No function changes anything on the machine. Each answers for the network namespace in which the
/// daemon will work, and may be called more than once with the same arguments.
package protocol ConfigurationHost: AnyObject {
  // MARK: Interfaces

  /// The interface of that name; nil if there is none.
  func interface(named name: String) -> HostInterface?

  /// Whether /run/netns/NAME can be entered.
  func hasNetworkNamespace(_ name: String) -> Bool

  // MARK: Accounts

  /// getpwnam: nil for an unknown name. A number is not a name.
  func user(named name: String) -> (user: UInt32, group: UInt32)?

  /// getgrnam: nil for an unknown name.
  func group(named name: String) -> UInt32?

  /// getgrouplist: the groups of the user besides `group`.
  func supplementaryGroups(ofUser name: String, group: UInt32) -> [UInt32]

  /// The effective user and group of this process.
  var ownAccount: ScriptAccount { get }

  /// The name of the real user: the sender of mail in front of the `@`.
  var loginName: String { get }

  // MARK: The machine

  /// Processors that are online: `…_cpu_affinity` takes 0 to one less.
  var onlineProcessors: UInt32 { get }

  /// The canonical name of the node name (getaddrinfo with AI_CANONNAME); nil if that fails.
  var canonicalHostName: String? { get }

  /// The first address of a host name (getaddrinfo); nil if there is none. May block: it is called
  /// by the parent only, for `smtp_server`.
  func resolve(_ host: String) -> IPAddress?

  /// The number of an IP protocol (getprotobyname), for the `ipproto` of rules.
  func protocolNumber(named name: String) -> UInt8?

  /// Whether /proc/uptime can be read.
  var hasUptime: Bool { get }

  /// Whether /proc/sys/net/ipv4/igmp_link_local_mcast_reports can be written.
  var canDisableLocalIGMP: Bool { get }

  /// Whether the kernel reports process events (CONFIG_PROC_EVENTS).
  var hasProcessEvents: Bool { get }

  // MARK: Files

  /// The contents of a table of iproute2 (`rt_tables`, `rt_protos`, `group` …), in the order in
  /// which they are searched: `etc/FILE` if it is a regular file, else `usr/FILE`; each
  /// `usr/FILE.d/*.conf` without an equally named one in `etc/FILE.d`; each `etc/FILE.d/*.conf`.
  /// Nil stands for the directory that the program was built with.
  func iprouteFiles(_ file: String, etc: String?, usr: String?) -> [[UInt8]]

  /// What stands in a key file of `auth_hmac`, up to `limit` bytes.
  func keyFile(_ path: String, limit: Int) -> HostKeyFile

  /// Whether the directory of a `track_file` can be watched.
  func trackFileDirectory(of path: String) -> HostTrackFileDirectory

  /// Whether files can be saved in the directory.
  func saveDirectory(_ path: String) -> HostSaveDirectory

  /// Whether something that is not a regular file stands at the path.
  func isSpecialFile(_ path: String) -> Bool

  // MARK: Scripts

  /// Looks for a program without a slash in $PATH with the rights of the account.
  func findInPath(_ program: String, as account: ScriptAccount) -> HostPathSearch

  /// What the checks of a script need to know of a file, looked at with the rights of the account.
  func inspectScript(_ path: String, as account: ScriptAccount) -> HostScript
}

/// What the kernel says of an interface.
package struct HostInterface: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case ordinary
    /// A macvlan in private mode: what `use_vmac` makes.
    case privateMacvlan
    case otherMacvlan
    /// An ipvlan in L2 mode: what `use_ipvlan` makes.
    case ipvlanL2
    case otherIPVLAN
    /// A VRF and its routing table.
    case vrf(table: UInt32)
  }

  package var index: InterfaceIndex
  package var kind: Kind
  /// The interface a macvlan or ipvlan stands on; nil for others.
  package var base: String?
  package var isLoopback: Bool
  /// IFF_MULTICAST.
  package var hasMulticast: Bool
  /// ARPHRD_ETHER.
  package var isEthernet: Bool
  package var mtu: UInt32

  package init(
    index: InterfaceIndex, kind: Kind = .ordinary, base: String? = nil, isLoopback: Bool = false,
    hasMulticast: Bool = true, isEthernet: Bool = true, mtu: UInt32 = 1500
  ) {
    self.index = index
    self.kind = kind
    self.base = base
    self.isLoopback = isLoopback
    self.hasMulticast = hasMulticast
    self.isEthernet = isEthernet
    self.mtu = mtu
  }
}

package enum HostKeyFile: Hashable, Sendable {
  /// The reason, as strerror has it.
  case unreadable(String)
  /// `isPrivate`: no permission for group or others.
  case contents([UInt8], isPrivate: Bool)
}

package enum HostSaveDirectory: Hashable, Sendable {
  /// It is there, or the one above it is.
  case usable
  case notDirectory
  /// The error number and its text.
  case unusable(Int32, String)
}

package enum HostTrackFileDirectory: Hashable, Sendable {
  case watchable
  /// There is a directory at the path itself.
  case fileIsDirectory
  /// realpath failed: the error number and its text.
  case unresolvable(Int32, String)
  /// Read-only, or of a kind on which inotify sees nothing.
  case unwatchable
}

package enum HostPathSearch: Hashable, Sendable {
  case found(String)
  case notPermitted
  case notFound
}

/// A file that is to be run.
package struct HostScript: Hashable, Sendable {
  /// One step of a path: what lstat says of it.
  package struct Component: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case directory, file, link, other, missing }
    package var kind: Kind
    package var owner: UInt32
    package var group: UInt32
    /// The permission bits with set-uid, set-gid and sticky.
    package var mode: UInt16

    package init(_ kind: Kind, owner: UInt32 = 0, group: UInt32 = 0, mode: UInt16 = 0o755) {
      self.kind = kind
      self.owner = owner
      self.group = group
      self.mode = mode
    }
  }

  /// The path without links; nil if it cannot be resolved.
  package var realPath: String?
  /// Why, as strerror has it.
  package var reason: String
  /// From `/` to the file along the path as written.
  package var components: [Component]
  /// From `/` to the file along `realPath`.
  package var realComponents: [Component]
  /// The file itself, links followed (stat).
  package var file: Component
  /// It begins with `#!` or is a binary that the kernel runs.
  package var isProgram: Bool

  package init(
    realPath: String?, reason: String = "", components: [Component] = [],
    realComponents: [Component] = [], file: Component = Component(.file), isProgram: Bool = true
  ) {
    self.realPath = realPath
    self.reason = reason
    self.components = components
    self.realComponents = realComponents
    self.file = file
    self.isProgram = isProgram
  }
}
