import ConfigurationSyntax
import Primitives

/// Keywords about scripts and mails that tell of an instance.
extension VRRPInstance {
  static let notifyKeywords: [InstanceKeyword] = [
    .notify("notify_master", "Run on becoming master.", \.instance.notify.master),
    .notify("notify_backup", "Run on becoming backup.", \.instance.notify.backup),
    .notify("notify_fault", "Run on a fault.", \.instance.notify.fault),
    .notify("notify_stop", "Run when the VRRP process stops.", \.instance.notify.stop),
    .notify(
      "notify", "Run at every change; gets TYPE NAME STATE PRIORITY.", \.instance.notify.any),
    .notify(
      "notify_master_rx_lower_pri", "Run when a master gets an advert of lower priority.",
      \.instance.notifyMasterRxLowerPri),
    InstanceKeyword(
      "notify_deleted", "[CMD [USER [[:]GROUP]]]", default: "FAULT is reported",
      "Report DELETED when a reload removes the instance, and run CMD."
    ) { draft, line, reader throws(ReadingStop) in
      if draft.instance.notifyDeleted {
        reader.context.report(
          .general, "\(draft.owner)notify_deleted script already specified - ignoring", at: line)
        return
      }
      draft.instance.notifyDeleted = true
      if line.words.count > 1 {
        draft.instance.notifyDeletedScript = try draft.reading.script(line, what: "notify")
      }
    },
    .boolean(
      "smtp_alert", default: "smtp_alert_vrrp, smtp_alert, false", effect: .none,
      "Mail on state changes.", invalid: { "Invalid vrrp_instance smtp_alert parameter \($1)" }
    ) { $0.smtpAlert = $1 },
    .boolean(
      "notify_priority_changes", default: "the group's, vrrp_notify_priority_changes (false)",
      "Write changes of the priority to the FIFOs.",
      invalid: { "\($0.owner)Invalid value '\($1)' for notify_priority_changes specified" }
    ) { $0.notifyPriorityChanges = $1 },
    InstanceKeyword(
      "lvs_sync_daemon_interface", "IF", "Deprecated: use lvs_sync_daemon."
    ) { draft, line, reader throws(ReadingStop) in
      let interface = try line.word(1).text
      reader.context.report(
        .general,
        "\(draft.owner)Specifying lvs_sync_daemon_interface against a vrrp is deprecated."
          + " Please use global lvs_sync_daemon", at: line)
      if draft.reading.global.lvs.syncDaemon == nil {
        var daemon = LVSGlobals.SyncDaemon(interface: interface)
        daemon.vrrpInstance = draft.name
        draft.reading.global.lvs.syncDaemon = daemon
      }
    },
  ]

  static let trackingKeywords: [InstanceKeyword] = [
    .tracker(.interface, \.instance.trackInterfaces),
    .tracker(.script, \.instance.trackScripts),
    .tracker(.file, \.instance.trackFiles),
    .tracker(.process, \.instance.trackProcesses),
    .tracker(.bfd, \.instance.trackBFDs),
    .flag("dont_track_primary", "Faults of the own interface do not matter.") {
      $0.instance.dontTrackPrimary = true
    },
    InstanceKeyword(
      "linkbeat_use_polling", default: "off", "Deprecated: use linkbeat_interfaces."
    ) { draft, line, reader throws(ReadingStop) in
      reader.context.report(
        .general,
        "\(draft.owner)'linkbeat_use_polling' in vrrp instance deprecated"
          + " - use linkbeat_interfaces block", at: line)
      draft.instance.linkbeatUsePolling = true
    },
  ]

  static let garpKeywords: [InstanceKeyword] = [
    .seconds(
      "garp_master_delay", 0...4294, default: "vrrp_garp_master_delay (5)",
      "Time from becoming master to the second set; 0 is no second set.",
      invalid: { "\($0.ownerColon)garp_master_delay '\($1)' invalid - ignoring" }
    ) { $0.instance.garp.masterDelay = $1 },
    repetitions("garp_master_repeat", "5", "Messages of a set.") { $0.masterRepeat = $1 },
    .seconds(
      "garp_master_refresh", 0...UInt64(UInt32.max), default: "vrrp_garp_master_refresh (0, off)",
      "Time between refreshes.",
      invalid: { "\($0.ownerColon)Invalid garp_master_refresh '\($1)' - ignoring" }
    ) { $0.instance.garp.masterRefresh = $1 },
    repetitions("garp_master_refresh_repeat", "1", "Messages of a refresh.") {
      $0.masterRefreshRepeat = $1
    },
    .seconds(
      "garp_lower_prio_delay", 0...4294, default: "vrrp_garp_lower_prio_delay; strict 0",
      "Time to the second set after an advert of lower priority.",
      invalid: { "\($0.ownerColon)garp_lower_prio_delay '\($1)' invalid - ignoring" }
    ) { $0.lowerPrioDelay = $1 },
    .unsigned(
      "garp_lower_prio_repeat", "N", 0...UInt64(Int32.max),
      default: "vrrp_garp_lower_prio_repeat; strict 0",
      "Messages of a set after an advert of lower priority.",
      invalid: { "\($0.ownerColon)Invalid garp_lower_prio_repeat '\($1)'" }
    ) { $0.lowerPrioRepeat = UInt32(truncatingIfNeeded: $1) },
    extraInterfaces,
    .renamed("vmac_garp_intvl", to: extraInterfaces),
  ]

  private static let extraInterfaces = InstanceKeyword(
    "garp_extra_if", "[all] SECONDS", range: "0 to 86400", default: "vrrp_garp_extra_if (0, off)",
    "Messages on the VMACs that send no adverts; all: on all interfaces.",
    handler: { draft, line, reader throws(ReadingStop) in
      if let value = try reader.context.garpExtraInterfaces(
        line, in: 0...86400, owner: draft.ownerColon)
      {
        draft.instance.garpExtraIf = value
      }
    })

  private static func repetitions(
    _ name: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout GARPSettings, UInt32) -> Void
  ) -> InstanceKeyword {
    InstanceKeyword(
      name, "N", range: "0 to 4294967295 (0 becomes 1)", default: "vrrp_\(name) (\(standard))",
      help
    ) { draft, line, reader throws(ReadingStop) in
      if let value = try reader.context.repetitions(line, owner: draft.ownerColon) {
        set(&draft.instance.garp, value)
      }
    }
  }
}
