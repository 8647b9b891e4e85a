import ConfigurationSyntax
import Primitives

extension Reading {
  /// Instances that go separate ways would take a VMAC that they share from each other: the later
  /// one never gets it.
  func disableSharersOfVMACs() {
    var users: [VMACPlace: (instance: Int, address: AddressLine)] = [:]
    for index in vrrp.instances.indices {
      let instance = vrrp.instances[index]
      for line in instance.virtualAddresses + instance.excludedAddresses {
        guard let place = place(of: line, instance) else { continue }
        guard let user = users[place] else {
          users[place] = (index, line)
          continue
        }
        let first = vrrp.instances[user.instance]
        guard user.instance != index, !moveTogether(first, instance) else { continue }
        report(
          .general,
          "(\(first.name)) VIP/eVIP \(line.address)/\(line.prefixLength) uses same VMAC as VRRP"
            + " instance \(instance.name) VIP/eVIP \(user.address.address)"
            + "/\(user.address.prefixLength), disabling \(instance.name)")
        vrrp.instances[index].hasConfigurationFault = true
        break
      }
    }
  }

  private func moveTogether(_ one: VRRPInstance, _ other: VRRPInstance) -> Bool {
    guard let group = groupOfInstance[one.name]?.name else { return false }
    return group == groupOfInstance[other.name]?.name
  }

  private func place(of line: AddressLine, _ instance: VRRPInstance) -> VMACPlace? {
    let parent: String?
    switch line.placement {
    case .instanceVMAC: parent = instance.interface
    case .extraVMAC(let interface): parent = interface
    case .interface, .device: return nil
    }
    guard let parent else { return nil }
    return VMACPlace(
      base: host.interface(named: parent)?.base ?? parent,
      address: instance.vmac?.address
        ?? .virtualRouter(instance.virtualRouterID, line.address.family))
  }
}

/// What two addresses on one VMAC have in common.
private struct VMACPlace: Hashable {
  var base: String
  var address: MACAddress
}
