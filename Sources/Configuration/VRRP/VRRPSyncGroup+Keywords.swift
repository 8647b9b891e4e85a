import ConfigurationSyntax
import Primitives

/// A `vrrp_sync_group` while it is read.
struct SyncGroupDraft: TrackerOwner {
  let reading: Reading
  var group: VRRPSyncGroup
  /// Nil while there is no `group` block with a name in it.
  var members: [String]?
  var smtpAlert: Bool?

  init(name: String, reading: Reading) {
    self.reading = reading
    group = VRRPSyncGroup(name: name)
  }

  var name: String { group.name }
}

extension VRRPSyncGroup {
  private typealias Row = Keyword<SyncGroupDraft>

  /// The keywords of `vrrp_sync_group`.
  static let keywords = KeywordTable<SyncGroupDraft>(
    "vrrp_sync_group",
    [
      Row("group", "{ INSTANCE … }", default: "mandatory", "Members.") {
        draft, line, reader throws(ReadingStop) in
        if draft.members != nil {
          reader.context.report(
            .general, "Group list already specified for sync group \(draft.name)", at: line)
          try reader.refuseList()
          return
        }
        draft.members = try reader.readMembers(of: line, "sync group \(draft.name)")
      },
      .tracker(.interface, \.group.trackInterfaces),
      .tracker(.script, \.group.trackScripts),
      .tracker(.file, \.group.trackFiles),
      .tracker(.process, \.group.trackProcesses),
      .tracker(.bfd, \.group.trackBFDs),
      .notify("notify_master", "Run on becoming master.", \.group.notify.master),
      .notify("notify_backup", "Run on becoming backup.", \.group.notify.backup),
      .notify("notify_fault", "Run on a fault.", \.group.notify.fault),
      .notify("notify_stop", "Run when the VRRP process stops.", \.group.notify.stop),
      .notify("notify", "Run at every change; gets TYPE NAME STATE.", \.group.notify.any),
      .boolean(
        "smtp_alert", default: "smtp_alert_vrrp, smtp_alert, false", effect: .none,
        "Mail on state changes.", invalid: { "Invalid vrrp_group smtp_alert parameter \($1)" }
      ) { $0.smtpAlert = $1 },
      .boolean(
        "notify_priority_changes", default: "unset", "Default for the members.",
        invalid: {
          "(\($0.name)) Invalid value '\($1)' for sync group notify_priority_changes specified"
        }
      ) { $0.group.notifyPriorityChanges = $1 },
      .flag("sync_group_tracking_weight", "Members may track with weights.") {
        $0.group.syncGroupTrackingWeight = true
      },
      Row("global_tracking", default: "off", "Deprecated: use sync_group_tracking_weight.") {
        draft, line, reader throws(ReadingStop) in
        reader.context.report(
          .general,
          "(\(draft.name)) global_tracking is deprecated."
            + " Use track_interface/script/file on the sync group", at: line)
        draft.group.syncGroupTrackingWeight = true
      },
    ])
}

extension BlockReader {
  /// The list of a group; nil after a report if there is nothing in it.
  mutating func readMembers(of line: Statement, _ owner: String) throws(ReadingStop) -> [String]? {
    let names = try readNames(of: line)
    if !names.isEmpty { return names }
    context.report(.general, "Warning - \(owner) has empty group block", at: location)
    return nil
  }

  /// A list in which every word of every line is an entry.
  mutating func readNames(of line: Statement) throws(ReadingStop) -> [String] {
    var names: [String] = []
    try readValues(of: line) { entry, _ throws(ReadingStop) in
      names += entry.words.map(\.text)
    }
    return names
  }
}
