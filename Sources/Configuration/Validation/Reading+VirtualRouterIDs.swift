import ConfigurationSyntax
import Primitives

extension Reading {
  /// Two instances must not speak as the same virtual router; false if the daemon cannot run.
  func checkVirtualRouterIDs() -> Bool {
    var isValid = true
    var withSameID: [VirtualRouterID: [Int]] = [:]
    for second in vrrp.instances.indices {
      let other = vrrp.instances[second]
      for first in withSameID[other.virtualRouterID] ?? [] {
        let one = vrrp.instances[first]
        guard one.family == other.family, one.isUnicast == other.isUnicast else { continue }
        if one.isUnicast {
          if conflictAsUnicast(one, other) { isValid = false }
        } else if conflictAsMulticast(one, other) {
          if !mayChange(other.interface) { isValid = false }
        }
      }
      withSameID[other.virtualRouterID, default: []].append(second)
    }
    return isValid
  }

  private func conflictAsMulticast(_ one: VRRPInstance, _ other: VRRPInstance) -> Bool {
    guard one.multicastDestination == other.multicastDestination,
      let interface = base(of: one), interface == base(of: other)
    else { return false }
    report(
      mayChange(other.interface) ? .note : .general,
      "\(one.name) and \(other.name) both use VRID \(one.virtualRouterID.rawValue)"
        + " with IPv\(one.family.version) on interface \(interface)")
    return true
  }

  private func conflictAsUnicast(_ one: VRRPInstance, _ other: VRRPInstance) -> Bool {
    let isSameInterface =
      one.interface == nil || other.interface == nil || base(of: one) == base(of: other)
    guard isSameInterface, one.sourceAddress == other.sourceAddress,
      one.unicastPeers.contains(where: { peer in
        other.unicastPeers.contains { $0.address == peer.address }
      })
    else { return false }
    report(
      .general,
      "(\(one.name)) duplicate VRID conflict with \(other.name) VRID"
        + " \(one.virtualRouterID.rawValue)")
    return true
  }

  /// The interface that packets really go through.
  private func base(of instance: VRRPInstance) -> String? {
    guard let name = instance.interface else { return nil }
    return host.interface(named: name)?.base ?? name
  }

  /// Whether the interface may turn into one of another type later.
  private func mayChange(_ interface: String?) -> Bool {
    guard global.vrrp.dynamicInterfaces == .allowIfChanges, let interface else { return false }
    switch host.interface(named: interface)?.kind {
    case .privateMacvlan, .otherMacvlan, .ipvlanL2, .otherIPVLAN, nil: return true
    case .ordinary, .vrf: return false
    }
  }
}
