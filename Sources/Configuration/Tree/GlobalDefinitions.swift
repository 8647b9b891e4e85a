package import Primitives

/// `global_defs` and the root lines that apply to all processes.
///
/// A keyword's property is its spelling in camel case; a prefix that names a group (`vrrp_`,
/// `nftables_`, `snmp_`) is the name of a nested structure.
package struct GlobalDefinitions: Hashable, Sendable {
  // MARK: Root lines

  /// Namespace to run in; nil is the one the program was started in.
  package var netNamespace: String?
  package var netNamespaceIPVS: IPVSNamespace = .own
  package var namespaceWithIPSets = false
  package var usePidDir = false
  package var instance: String?
  package var childWaitTime = Microseconds.seconds(5)
  package var linkbeatUsePolling = false

  // MARK: Identity

  package var processNames = ProcessNames()
  /// As configured; `routerID` falls back to the local host name.
  package var routerID = ""
  /// Nil unless configured: 0o177.
  package var umask: UInt16?
  package var randomSeed: UInt32?

  // MARK: Groups of keywords

  package var reading = ReadingSettings()
  package var scripts = ScriptSettings()
  package var mail = MailSettings()
  package var vrrp = VRRPGlobals()
  package var vrrpProcess = ProcessScheduling()
  package var checkerProcess = ProcessScheduling()
  package var bfdProcess = ProcessScheduling()
  package var maxAutoPriority = AutoPriority.notSet
  package var minAutoPriorityDelay = Microseconds.seconds(1)
  package var nftables: NFTables?
  package var nftablesIPVS: NFTables?
  package var nftablesCounters = false
  package var nftablesIfindex = false
  package var iptables: IPTables?
  /// Nil: sets with the standard names; empty: no sets.
  package var ipsets: [String]?
  package var lvs = LVSGlobals()
  package var snmp = SNMPSettings()
  package var dbus = DBusSettings()
  package var dumps = DumpSettings()

  package init() {}

  /// `net_namespace_ipvs`.
  package enum IPVSNamespace: Hashable, Sendable {
    /// The namespace the program runs in.
    case own
    /// Without NAME: the namespace of process 1.
    case initial
    case named(String)
  }

  /// The kernel's names of the processes (at most 15 characters).
  package struct ProcessNames: Hashable, Sendable {
    /// `process_names`: children are called keepalived_vrrp, keepalived_lvs, keepalived_bfd.
    package var areDistinct = false
    package var parent: String?
    package var vrrp: String?
    package var checker: String?
    package var bfd: String?

    package init() {}
  }

  /// `max_auto_priority`.
  package enum AutoPriority: Hashable, Sendable {
    /// Off, with a notice at the start.
    case notSet
    /// -1: off without a notice.
    case off
    case upTo(UInt8)
  }

  /// `vrrp_iptables`: chains of the table `filter`.
  package struct IPTables: Hashable, Sendable {
    package var input: String
    /// Nil: packets that go out are not filtered.
    package var output: String?

    package init(input: String, output: String?) {
      self.input = input
      self.output = output
    }
  }

  /// One `nftables` family of keywords.
  package struct NFTables: Hashable, Sendable {
    package var table: String
    package var priority: Int32 = -1
    /// Only of `nftables_ipvs`.
    package var startFwmark: UInt32 = 1000

    package init(table: String) { self.table = table }
  }
}
