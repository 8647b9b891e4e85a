package import Primitives
package import Wire

/// The log messages of the protocol, with their wording in one place.
package enum RouterTrace: Hashable, Sendable {
  /// Detail is logged with `-D` only.
  package enum Level: Hashable, Sendable { case normal, detail }

  package enum Complaint: Hashable, Sendable {
    case authenticationHeaderUnexpected, authenticationHeaderMissing
    case tooShort(received: Int, expected: Int), tooLong(received: Int, expected: Int)
    case hopLimit(UInt8)
    case version(received: UInt8, expected: VRRPVersion)
    case trailerMissing, trailerMalformed, trailerInvalid, trailerReplayed
    case trailerStale(skew: Int32, window: UInt32)
    case trailerSkewed(skew: Int32, window: UInt32)
    case trailerUnknownKey(UInt8)
    case unknownPeer
    case authenticationTypeInvalid(UInt8)
    case authenticationTypeUnexpected(received: UInt8, expected: AuthenticationType)
    case password
    case integrityCheckValue
    case securityParametersIndex(source: IPv4Address, received: UInt32)
    case sequenceNumber(received: UInt32, last: UInt32)
    case intervalSeconds(ours: Microseconds, received: UInt8)
    case intervalCentiseconds(ours: Microseconds, received: UInt16)
    case type(UInt8)
    case totalLength(announced: UInt16, received: Int)
    case checksum(VRRPVersion)
    case destination(isMulticastExpected: Bool)
    case owner
    case addressCount(expected: Int, received: UInt8)
    case addressMissing(VirtualRouterID, IPAddress)
    case hopLimitOfPeer(UInt8, accepted: ClosedRange<UInt8>)
  }

  case enteringMaster
  case enteringBackup
  case enteringBackupInitially
  case enteringFault
  case faultInitially
  case faultOfTracker(TrackerID.Kind, name: String, value: Int)
  case noAddressForInterface(AddressFamily)
  case advertisementTimeout
  case backupReceivedPriorityZero
  case masterReceivedPriorityZero
  case sentPriorityZero
  case higherPriority(from: IPAddress, theirs: Priority, ours: Priority)
  case higherAddress(from: IPAddress, Priority)
  case lowerPriority(from: IPAddress, theirs: Priority, ours: Priority, electing: Bool)
  case discardedLowerPriority(from: IPAddress, Priority)
  case equalPriorityFromOurAddress
  case masterSet(IPAddress)
  case masterChanged(from: IPAddress, to: IPAddress)
  case preemptDelayStarted(Microseconds)
  case preemptDelayStopped
  case intervalUpdated(from: Microseconds, to: Microseconds)
  case intervalRestored(from: Microseconds, to: Microseconds)
  case priorityChanged(from: Priority, to: Priority)
  case priorityRestoredByLowerPriority
  case priorityRestoredByDisappearance
  case bothOwners(IPAddress)
  case rogueOwnerRemains(IPAddress)
  case rogueOwnerGone
  case sequenceNumberSynchronized
  case oldChecksumDetected
  case addressRemoved(IPAddress, InterfaceIndex)
  case noAddressYet(InterfaceIndex)
  case gratuitousBurst(IPAddress, InterfaceIndex)
  case gratuitousSent(IPAddress, InterfaceIndex)
  case sourceAnnounced(IPAddress, InterfaceIndex)
  case trackedFileFault(name: String, isFault: Bool)
  case trackedFilePriority(Priority)
  case kindMismatch(isMulticast: Bool)
  case rejected(Complaint, from: IPAddress)
  case syncing(RouterState)
  /// A group begins at fault because of this member.
  case syncingToFault(of: String)

  /// What no virtual router says, but the process.
  case process(Process)

  package var level: Level {
    switch self {
    case .advertisementTimeout, .backupReceivedPriorityZero, .masterReceivedPriorityZero,
      .sentPriorityZero, .masterSet, .masterChanged, .intervalUpdated, .intervalRestored,
      .addressRemoved, .gratuitousBurst, .gratuitousSent, .sourceAnnounced, .trackedFileFault,
      .trackedFilePriority, .kindMismatch, .syncingToFault:
      .detail
    case .enteringMaster, .enteringBackup, .enteringBackupInitially, .enteringFault,
      .faultInitially, .faultOfTracker, .noAddressForInterface, .higherPriority, .higherAddress,
      .lowerPriority, .discardedLowerPriority, .equalPriorityFromOurAddress,
      .preemptDelayStarted, .preemptDelayStopped, .priorityChanged,
      .priorityRestoredByLowerPriority, .priorityRestoredByDisappearance, .bothOwners,
      .rogueOwnerRemains, .rogueOwnerGone, .sequenceNumberSynchronized, .oldChecksumDetected,
      .noAddressYet, .rejected, .syncing, .process:
      .normal
    }
  }

  /// The text without time and process.
  ///
  /// - Parameters:
  ///   - name: the name of the virtual router or of the sync group.
  ///   - interface: names an interface.
  package func message(_ name: String, interface: (InterfaceIndex) -> String) -> String {
    switch self {
    case .enteringMaster: "(\(name)) Entering MASTER STATE"
    case .enteringBackup: "(\(name)) Entering BACKUP STATE"
    case .enteringBackupInitially: "(\(name)) Entering BACKUP STATE (init)"
    case .enteringFault: "(\(name)) Entering FAULT STATE"
    case .faultInitially: "(\(name)) entering FAULT state"
    case .faultOfTracker(let kind, let tracker, let value):
      Self.fault(name, kind, tracker, value)
    case .noAddressForInterface(let family):
      "(\(name)) entering FAULT state (no IPv\(family.version) address for interface)"
    case .syncing(let state): "VRRP_Group(\(name)) Syncing instances to \(state.word) state"
    case .syncingToFault(let member): "VRRP_Group(\(name)): Syncing \(member) to FAULT state"
    case .rejected(let complaint, let source): complaint.message(name, source)
    case .advertisementTimeout: "(\(name)) Receive advertisement timeout"
    case .backupReceivedPriorityZero: "(\(name)) Backup received priority 0 advertisement"
    case .masterReceivedPriorityZero: "(\(name)) Master received priority 0 message"
    case .sentPriorityZero: "(\(name)) sent 0 priority"
    case .higherPriority(let source, let theirs, let ours):
      "(\(name)) Master received advert from \(source) with higher priority \(theirs.rawValue),"
        + " ours \(ours.rawValue)"
    case .higherAddress(let source, let priority):
      "(\(name)) Master received advert from \(source) with same priority \(priority.rawValue)"
        + " but higher IP address than ours"
    case .lowerPriority(let source, let theirs, let ours, let electing):
      "(\(name)) Received advert from \(source) with lower priority \(theirs.rawValue), ours"
        + " \(ours.rawValue)\(electing ? ", forcing new election" : "")"
    case .discardedLowerPriority(let source, let priority):
      "(\(name)) received lower priority (\(priority.rawValue)) advert from \(source) - discarding"
    case .equalPriorityFromOurAddress:
      "(\(name)) WARNING - equal priority advert received from remote host with our IP address."
    case .masterSet(let master): "(\(name)) master set to \(master)"
    case .masterChanged(let old, let new): "(\(name)) master changed from \(old) to \(new)"
    case .preemptDelayStarted(let delay):
      "(\(name)) start preempt delay (\(delay.secondsText))"
    case .preemptDelayStopped: "(\(name)) stop preempt delay"
    case .intervalUpdated(let old, let new):
      "(\(name)) advertisement interval updated from \(old.count / 1000)ms to"
        + " \(new.count / 1000)ms by master"
    case .intervalRestored(let old, let new):
      "(\(name)) changing advert interval from \(old.count / 1000)ms to locally configured"
        + " \(new.count / 1000)ms"
    case .priorityChanged(let old, let new):
      "(\(name)) Changing effective priority from \(old.rawValue) to \(new.rawValue)"
    case .priorityRestoredByLowerPriority:
      "(\(name)) Restoring our priority to 255 since received advert with lower priority"
    case .priorityRestoredByDisappearance:
      "(\(name)) Restoring our priority to 255 since other address owner has disappeared"
    case .bothOwners(let other):
      "(\(name)) CONFIGURATION ERROR: local instance and \(other) are both configured as address"
        + " owner, please resolve"
    case .rogueOwnerRemains(let other):
      "(\(name)) \(other) is still advertising as address owner, please resolve - reducing our"
        + " priority"
    case .rogueOwnerGone: "(\(name)): rogue address owner appears to have stopped advertising"
    case .sequenceNumberSynchronized: "(\(name)) IPSEC-AH : Syncing seq_num - Increment seq"
    case .oldChecksumDetected: "(\(name)) Setting unicast VRRPv3 checksum to old version"
    case .trackedFileFault(let file, let isFault):
      "(\(name)): tracked file \(file) \(isFault ? "now" : "leaving") FAULT state"
    case .trackedFilePriority(let priority):
      "(\(name)) Setting effective priority to \(priority.rawValue)"
    case .kindMismatch(let isMulticast):
      "(\(name)) discarding \(isMulticast ? "mult" : "un")icast packet on"
        + " \(isMulticast ? "un" : "mult")icast instance"
    case .addressRemoved(let address, let index):
      "Netlink reflector reports IP \(address) removed from \(interface(index))"
    case .noAddressYet(let index): "No address yet for \(interface(index))"
    case .gratuitousBurst(let address, let index):
      "(\(name)) Sending/queueing \(address.announcements) on \(interface(index)) for \(address)"
    case .gratuitousSent(let address, let index):
      "Sending \(address.announcement) on \(interface(index)) for \(address)"
    case .sourceAnnounced(let address, let index):
      "\(interface(index)): sending gratuitous \(address.family == .ipv4 ? "ARP" : "NA") for"
        + " \(address)"
    case .process(let trace): trace.message(interface: interface)
    }
  }

  private static func fault(
    _ name: String, _ kind: TrackerID.Kind, _ tracker: String, _ value: Int
  ) -> String {
    switch kind {
    case .interface, .baseInterface:
      "(\(name)): entering FAULT state (interface \(tracker) down)"
    case .script: "(\(name)): entering FAULT state due to script \(tracker)"
    case .file: "(\(name)): entering FAULT state (tracked file \(tracker) has status \(value))"
    case .process:
      "(\(name)) entering FAULT state (tracked process \(tracker) quorum not achieved)"
    case .bfd: "(\(name)) entering FAULT state due to BFD \(tracker)"
    }
  }
}

extension RouterState {
  fileprivate var word: String {
    switch self {
    case .initialize: "INIT"
    case .backup: "BACKUP"
    case .master: "MASTER"
    case .fault: "FAULT"
    }
  }
}

extension IPAddress {
  fileprivate var announcement: String {
    family == .ipv4 ? "gratuitous ARP" : "unsolicited Neighbour Advert"
  }
  fileprivate var announcements: String {
    family == .ipv4 ? "gratuitous ARPs" : "Unsolicited Neighbour Adverts"
  }
}
