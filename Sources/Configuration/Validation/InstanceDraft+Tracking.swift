import ConfigurationSyntax
import Primitives

// MARK: - Where addresses go, what is tracked

extension InstanceDraft {
  mutating func checkTracking() {
    if let own = instance.interface,
      instance.trackInterfaces.contains(where: { $0.name == own })
    {
      report("Ignoring track_interface \(own) since own interface")
      instance.trackInterfaces.removeAll { $0.name == own }
    }
    if instance.vmacXmitBase {
      if instance.strictMode {
        report("xmit_base is incompatible with strict mode - resetting")
        instance.vmacXmitBase = false
      } else if instance.vmac == nil {
        report("vmac_xmit_base is only valid with a vmac")
        instance.vmacXmitBase = false
      }
    }
  }

  mutating func checkPromotion() {
    if instance.promoteSecondaries && (instance.vmac != nil || instance.ipvlan != nil) {
      report("promote_secondaries is automatically set for vmacs - ignoring")
      instance.promoteSecondaries = false
    }
  }

  mutating func placeAddresses() {
    instance.virtualAddresses = instance.virtualAddresses.compactMap { place($0, "vip") }
    instance.excludedAddresses = instance.excludedAddresses.compactMap { place($0, "evip") }
  }

  private func place(_ line: AddressLine, _ kind: String) -> AddressLine? {
    var line = line
    let own = instance.interface
    let isOnOwn = line.device == nil || line.device == own
    let isSameFamily = line.address.family == instance.family
    if line.useVMAC {
      if isOnOwn && isSameFamily && instance.vmac != nil {
        report("use_vmac specified for VIP/eVIP \(line.address) and vrrp instance")
        line.useVMAC = false
      } else if instance.useVMACAddr {
        report("use_vmac_addr specified and use_vmac specified for VIP/eVIP \(line.address)")
      }
    }
    if isOnOwn {
      guard let own else {
        reading.report(
          .general, "\(ownerColon)no interface for \(kind) \(line.address) - removing")
        return nil
      }
      if instance.vmac != nil && isSameFamily {
        line.placement = .instanceVMAC
      } else if line.useVMAC || (instance.useVMACAddr && !isSameFamily) {
        line.placement = .extraVMAC(on: own)
      } else {
        line.placement = .interface
      }
    } else if let device = line.device {
      let isExtra = line.useVMAC || instance.useVMACAddr
      line.placement = isExtra ? .extraVMAC(on: device) : .device(device)
    }
    return line
  }

  /// Weights make no sense for an owner, and not for a group that moves as one unless it says so.
  mutating func checkWeights() {
    let group = reading.groupOfInstance[name]
    let movesAsOne = group?.syncGroupTrackingWeight == false
    guard movesAsOne || instance.isOwner else { return }
    let reason = movesAsOne ? "SYNC group" : "address_owner"
    if !movesAsOne {
      dropWeighted(\.trackInterfaces) {
        "ignoring \($0.name) tracked interface due to address owner"
      }
    } else {
      // Compatibility: it says so, and goes on counting the weight.
      for tracker in instance.trackInterfaces where tracker.weight != 0 {
        report("ignoring \(tracker.name) tracked interface weight due to SYNC group")
      }
    }
    dropWeighted(\.trackScripts) {
      "ignoring tracked script \($0.name) with weights due to \(reason)"
    }
    for index in instance.trackFiles.indices where instance.trackFiles[index].weight == 1 {
      report(
        "ignoring weight from tracked file \(instance.trackFiles[index].name) due to \(reason)."
          + " specify weight 0")
      instance.trackFiles[index].weight = 0
    }
    dropWeighted(\.trackFiles) {
      "ignoring tracked file \($0.name) with weight \($0.weight) due to \(reason)"
    }
    dropWeighted(\.trackBFDs) { "ignoring tracked bfd \($0.name) with weights due to \(reason)" }
  }

  private mutating func dropWeighted(
    _ property: WritableKeyPath<VRRPInstance, [Tracker]>, message: (Tracker) -> String
  ) {
    for tracker in instance[keyPath: property] where tracker.weight != 0 {
      report(message(tracker))
    }
    instance[keyPath: property].removeAll { $0.weight != 0 }
  }
}
