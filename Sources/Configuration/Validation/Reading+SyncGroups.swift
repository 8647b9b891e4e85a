import ConfigurationSyntax
import Primitives

extension Reading {
  /// Finds the members of each group. An instance is in one group at most.
  func formSyncGroups() {
    var taken: Set<String> = []
    syncGroups = syncGroups.compactMap { draft in
      var draft = draft
      for name in draft.members ?? [] {
        if instanceIndex[name] == nil {
          report(
            .general,
            "Virtual router \(name) specified in sync group \(draft.name) doesn't exist - ignoring")
        } else if !taken.insert(name).inserted {
          report(
            .general,
            "Virtual router \(name) cannot exist in more than one sync group;"
              + " ignoring \(draft.name)"
          )
        } else {
          draft.group.members.append(name)
        }
      }
      if draft.group.members.isEmpty {
        report(
          .general,
          "Sync group \(draft.name), no matching virtual router found in group declaration"
            + " - removing")
        return nil
      }
      if draft.group.members.count == 1 {
        report(
          .general,
          "Sync group \(draft.name) has only 1 virtual router(s)"
            + " - this probably isn't what you want"
        )
      }
      draft.group.smtpAlert =
        draft.smtpAlert ?? global.mail.smtpAlertVRRP ?? global.mail.smtpAlert ?? false
      for name in draft.group.members { groupOfInstance[name] = draft.group }
      return draft
    }
  }

  /// What depends on the members.
  func completeSyncGroups() {
    for index in vrrp.syncGroups.indices {
      var group = vrrp.syncGroups[index]
      let members = group.members.compactMap { instanceIndex[$0] }
      let owners = members.filter { vrrp.instances[$0].isOwner }
      if !owners.isEmpty { clearWeights(&group) }
      if !owners.isEmpty && owners.count < members.count {
        report(
          .general,
          "(\(group.name)) sync group has both address owners and others. This won't work.")
      }
      group.initialState =
        members.allSatisfy {
          let member = vrrp.instances[$0]
          return member.isOwner && member.state == .master && member.isStateExplicit
            && member.isPriorityExplicit
        } ? .master : .backup
      let startAsMaster = members.allSatisfy {
        vrrp.instances[$0].isOwner && vrrp.instances[$0].state == .master
      }
      if !startAsMaster {
        // One member that begins as master would pull the others along before any election.
        for member in members { vrrp.instances[member].state = .backup }
      }
      for member in members { mergeTrackers(group, &vrrp.instances[member]) }
      vrrp.syncGroups[index] = group
    }
  }

  private func clearWeights(_ group: inout VRRPSyncGroup) {
    let kinds: [(String, WritableKeyPath<VRRPSyncGroup, [Tracker]>)] = [
      ("interface", \.trackInterfaces), ("script", \.trackScripts), ("file", \.trackFiles),
      ("process", \.trackProcesses), ("bfd", \.trackBFDs),
    ]
    for (kind, property) in kinds {
      for index in group[keyPath: property].indices
      where group[keyPath: property][index].weight != 0 {
        let name = group[keyPath: property][index].name
        report(
          // The reference says nothing of processes.
          kind == "process" ? .hint : .general,
          "(\(group.name)) Cannot have weighted track \(kind) '\(name)'"
            + " with member having priority 255 - clearing weight")
        group[keyPath: property][index].weight = 0
      }
    }
  }

  /// An object that both the group and the member name: the member's entry stays, with the group's
  /// weight unless its own is 0.
  private func mergeTrackers(_ group: VRRPSyncGroup, _ instance: inout VRRPInstance) {
    let kinds:
      [(String, KeyPath<VRRPSyncGroup, [Tracker]>, WritableKeyPath<VRRPInstance, [Tracker]>)] =
        [
          ("interface", \.trackInterfaces, \.trackInterfaces),
          ("script", \.trackScripts, \.trackScripts),
          ("file", \.trackFiles, \.trackFiles),
          ("process", \.trackProcesses, \.trackProcesses),
          ("bfd", \.trackBFDs, \.trackBFDs),
        ]
    for (kind, ofGroup, ofInstance) in kinds {
      for tracker in group[keyPath: ofGroup] {
        let index = instance[keyPath: ofInstance].firstIndex { $0.name == tracker.name }
        let isOwn =
          kind == "interface" && tracker.name == instance.interface && !instance.dontTrackPrimary
        guard index != nil || isOwn else { continue }
        let remove = kind == "interface" ? "vrrp instance or sync group" : "vrrp instance"
        report(
          .general,
          "(\(instance.name)) track_\(kind) \(tracker.name) is configured on VRRP instance and sync"
            + " group. Remove \(remove) config")
        if let index, instance[keyPath: ofInstance][index].weight != 0 {
          instance[keyPath: ofInstance][index] = tracker
        }
      }
    }
  }
}
