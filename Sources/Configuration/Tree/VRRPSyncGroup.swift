/// `vrrp_sync_group NAME { … }`: instances that change state together.
package struct VRRPSyncGroup: Hashable, Sendable {
  package var name: String
  /// Names of instances, in the order of the text; all exist and are in no other group.
  package var members: [String] = []
  /// MASTER only if every member says `state MASTER` and `priority 255` itself.
  package var initialState: VRRPInstance.State = .backup
  package var syncGroupTrackingWeight = false
  /// What every member tracks. A member's own entry of the same name wins: its weight has been
  /// adapted to the group's.
  package var trackInterfaces: [Tracker] = []
  package var trackScripts: [Tracker] = []
  package var trackFiles: [Tracker] = []
  package var trackProcesses: [Tracker] = []
  package var trackBFDs: [Tracker] = []
  package var notify = NotifyScripts()
  package var notifyPriorityChanges: Bool?
  package var smtpAlert = false

  package init(name: String) { self.name = name }
}
