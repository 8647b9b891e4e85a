package import Primitives

/// Something that the process layer does for the core. Effects are carried out in order.
package enum Effect: Hashable, Sendable {
  case router(RouterIndex, RouterEffect)
  case group(GroupIndex, GroupEffect)
  /// The start delay and the limiters of gratuitous messages.
  case process(ProcessEffect)
}

/// What is done for a virtual router.
package enum RouterEffect: Hashable, Sendable {
  /// Encode and send to the group or to each peer.
  case sendAdvertisement(AdvertisementStamp)
  case addFirewallElements
  case addAddresses
  case addExcludedAddresses
  case addRoutes
  case addRules
  case removeRules
  case removeRoutes
  case removeAddresses
  case removeExcludedAddresses
  case removeFirewallElements
  /// Removes what a predecessor may have left: rules, routes, addresses, firewall elements.
  case removeLeftovers
  /// Reload of a MASTER: replaces the system's state made for the old configuration by that of
  /// the new, without removing what is in both.
  case replaceAddresses(RouterIndex)
  case drainNetlink
  /// One ARP request or neighbour advertisement.
  case sendGratuitous(AddressReference)
  case notify(NotifiedState, Priority)
  /// Removed at a reload without `notify_deleted`: told as FAULT, without `notify_fault`.
  case notifyRemoved(Priority)
  /// FIFO lines only, for `fifo_write_vrrp_states_on_reload`.
  case writeState(NotifiedState, Priority)
  /// A FIFO line MASTER_PRIORITY or BACKUP_PRIORITY.
  case notifyPriority(isMaster: Bool, Priority)
  /// A script and a FIFO line MASTER_RX_LOWER_PRI, with our priority.
  case notifyLowerPriority(Priority)
  case startSyncDaemonMaster
  case startSyncDaemonBackup
  /// Debounce delays of the router's interfaces may not be longer.
  case limitDebounce(Microseconds)
  /// When `timerFired` is to be called next; nil: not at all.
  case deadline(Instant?)
  case log(RouterTrace)
}

/// What is done for a sync group.
package enum GroupEffect: Hashable, Sendable {
  case notify(NotifiedState)
  /// A FIFO line only, for `fifo_write_vrrp_states_on_reload`.
  case writeState(NotifiedState)
  case log(RouterTrace)
}

/// What is done for the process as a whole.
package enum ProcessEffect: Hashable, Sendable {
  /// When `processTimerFired` is to be called next; nil: not at all.
  case deadline(Instant?)
  case log(RouterTrace)
}
