import ConfigurationSyntax
import Primitives

extension Reading {
  /// What follows the parent's reading: defaults that depend on other keywords.
  func completeGlobals() {
    global.vrrp.garp.lowerPrioDelay = lowerPrioDelay ?? global.vrrp.garp.masterDelay
    global.vrrp.garp.lowerPrioRepeat = lowerPrioRepeat ?? global.vrrp.garp.masterRepeat
    let standard = global.snmp.vsStatsUpdateInterval
    global.snmp.vsStatsUpdateInterval = statsIntervals.vsStatsUpdateInterval ?? standard
    global.snmp.rsStatsUpdateInterval =
      statsIntervals.rsStatsUpdateInterval ?? global.snmp.vsStatsUpdateInterval
    if let name = options.overrides.netNamespace {
      if let configured = global.netNamespace {
        report(
          .note,
          "Overriding config net_namespace '\(configured)' with command line namespace '\(name)'")
      }
      global.netNamespace = name
    }
    if options.overrides.snmp {
      global.snmp.enableVRRP = true
      global.snmp.enableChecker = true
      global.snmp.enableRFCv2 = true
      global.snmp.enableRFCv3 = true
    }
    if let umask = options.overrides.umask { global.umask = umask }
    completeNames()
  }

  /// The local host name is only asked for if something depends on it.
  private func completeNames() {
    let needsMailNames =
      global.mail.smtpServer != nil
      && (global.mail.smtpHeloName == nil || global.mail.notificationEmailFrom == nil)
    guard global.routerID.isEmpty || needsMailNames else { return }
    let name = host.canonicalHostName
    if global.routerID.isEmpty { global.routerID = name ?? "[unknown]" }
    guard let name, needsMailNames else { return }
    global.mail.smtpHeloName = global.mail.smtpHeloName ?? name
    global.mail.notificationEmailFrom =
      global.mail.notificationEmailFrom ?? "\(host.loginName)@\(name)"
  }

  /// The scripts that the parent runs itself.
  func checkParentScripts() {
    scriptUse = ScriptUse()
    global.scripts.startupScript = checkedOrNone(global.scripts.startupScript)
    global.scripts.shutdownScript = checkedOrNone(global.scripts.shutdownScript)
    reportScriptSecurity("start/shutdown ")
  }

  /// What follows the reading for the VRRP process. Nothing more is checked once it is clear that
  /// the configuration is refused.
  func completeVRRP() {
    if hasMissingInterface {
      report(.badInterface, "Non-existent interface specified in configuration")
      refusals.append(Refusal(.vrrp, .missingInterface))
      return
    }
    separateFIFOs()
    checkVRRPScripts()
    guard checkAll({ draft throws(InstanceFault) in try draft.checkEssentials() }) else { return }
    formSyncGroups()
    guard checkAll({ draft throws(InstanceFault) in try draft.complete() }) else { return }
    vrrp.instances = instances.map(\.instance)
    vrrp.syncGroups = syncGroups.map(\.group)
    guard checkVirtualRouterIDs() else {
      refusals.append(Refusal(.vrrp, .invalidInstance))
      return
    }
    disableSharersOfVMACs()
    completeSyncGroups()
    completeTrackGroups()
    checkSyncDaemon()
    dropUnusedScripts()
    vrrp.scripts = scripts
  }

  /// Runs a check on all instances; false if one of them cannot work.
  private func checkAll(_ check: (inout InstanceDraft) throws(InstanceFault) -> Void) -> Bool {
    var isValid = true
    for index in instances.indices {
      do throws(InstanceFault) {
        try check(&instances[index])
      } catch {
        isValid = false
      }
    }
    if !isValid { refusals.append(Refusal(.vrrp, .invalidInstance)) }
    return isValid
  }

  /// Two writers of one FIFO would mix their lines.
  private func separateFIFOs() {
    guard let path = global.scripts.vrrpNotifyFIFO.path, path == global.scripts.notifyFIFO.path
    else { return }
    report(
      .note,
      "notify FIFO \(path) has been specified for global and vrrp FIFO - ignoring vrrp FIFO")
    global.scripts.vrrpNotifyFIFO = NotifyFIFO()
  }

  /// Compatibility: without an instance nothing is said of scripts.
  private func checkVRRPScripts() {
    scriptUse = ScriptUse()
    if !instances.isEmpty { checkTrackScripts() }
    global.scripts.notifyFIFO.script = checkedOrNone(global.scripts.notifyFIFO.script)
    global.scripts.vrrpNotifyFIFO.script = checkedOrNone(global.scripts.vrrpNotifyFIFO.script)
    for index in instances.indices {
      check(&instances[index].instance.notify)
      instances[index].instance.notifyMasterRxLowerPri =
        checkedOrNone(instances[index].instance.notifyMasterRxLowerPri)
      instances[index].instance.notifyDeletedScript =
        checkedOrNone(instances[index].instance.notifyDeletedScript)
    }
    for index in syncGroups.indices { check(&syncGroups[index].group.notify) }
    if !instances.isEmpty { reportScriptSecurity("") }
  }

  private func checkTrackScripts() {
    scripts = scripts.compactMap { script in
      do throws(ScriptFault) {
        var script = script
        script.script = try checked(script.script)
        return script
      } catch {
        dropTracker(script.name)
        switch error {
        case .insecure: report(.general, "Disabling track script \(script.name) due to insecure")
        case .notUsable:
          report(
            .general, "Disabling track script \(script.name) since not found/accessible")
        // Compatibility: what was said of the file is all.
        case .notExecutable: break
        }
        return nil
      }
    }
  }

  private func check(_ scripts: inout NotifyScripts) {
    scripts.master = checkedOrNone(scripts.master)
    scripts.backup = checkedOrNone(scripts.backup)
    scripts.fault = checkedOrNone(scripts.fault)
    scripts.stop = checkedOrNone(scripts.stop)
    scripts.any = checkedOrNone(scripts.any)
  }

  /// Nobody tracks a script that has been disabled.
  private func dropTracker(_ script: String) {
    for index in instances.indices {
      instances[index].instance.trackScripts.removeAll { $0.name == script }
    }
    for index in syncGroups.indices {
      syncGroups[index].group.trackScripts.removeAll { $0.name == script }
    }
  }

  private func dropUnusedScripts() {
    var used: Set<String> = []
    for instance in vrrp.instances { used.formUnion(instance.trackScripts.map(\.name)) }
    for group in vrrp.syncGroups { used.formUnion(group.trackScripts.map(\.name)) }
    scripts.removeAll { script in
      if used.contains(script.name) { return false }
      report(.remark, "Warning - script \(script.name) is not used")
      return true
    }
    var files: Set<String> = []
    for instance in vrrp.instances { files.formUnion(instance.trackFiles.map(\.name)) }
    for group in vrrp.syncGroups { files.formUnion(group.trackFiles.map(\.name)) }
    vrrp.trackFiles.removeAll { !files.contains($0.name) }
  }

  private func completeTrackGroups() {
    vrrp.trackGroups = trackGroups.compactMap { group in
      var group = group
      group.instances.removeAll { name in
        if instanceIndex[name] != nil { return false }
        report(.note, "Virtual router \(name) of static track group \(group.name) doesn't exist")
        return true
      }
      if group.instances.isEmpty {
        report(.note, "Static track group \(group.name) init fails - removing")
        return nil
      }
      return group
    }
    func isGone(_ name: String?) -> Bool {
      name.map { name in !vrrp.trackGroups.contains { $0.name == name } } ?? false
    }
    for index in vrrp.staticAddresses.indices where isGone(vrrp.staticAddresses[index].trackGroup) {
      vrrp.staticAddresses[index].trackGroup = nil
    }
    for index in vrrp.staticRoutes.indices where isGone(vrrp.staticRoutes[index].trackGroup) {
      vrrp.staticRoutes[index].trackGroup = nil
    }
    for index in vrrp.staticRules.indices where isGone(vrrp.staticRules[index].trackGroup) {
      vrrp.staticRules[index].trackGroup = nil
    }
  }

  private func checkSyncDaemon() {
    guard let name = global.lvs.syncDaemon?.vrrpInstance, instanceIndex[name] == nil
    else { return }
    report(
      .remark,
      "Unable to find vrrp instance \(name) for lvs_sync_daemon - ignoring lvs_sync_daemon")
    global.lvs.syncDaemon = nil
  }
}
