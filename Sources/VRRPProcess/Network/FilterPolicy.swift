import Configuration
import Firewall
import Kernel
import Primitives

/// Which packets are filtered for what a configuration says.
enum FilterPolicy {
  static func settings(_ global: GlobalDefinitions) -> FilterSettings {
    var settings = FilterSettings(
      hasCounters: global.nftablesCounters, usesIndexes: global.nftablesIfindex)
    if let tables = global.nftables {
      settings.name = tables.table
      settings.priority = tables.priority
    }
    return settings
  }

  /// Whether anything is filtered by this configuration.
  static func isNeeded(_ configuration: Configuration) -> Bool {
    configuration.vrrp.instances.contains { $0.dropsPackets || $0.vmac != nil }
  }
}

extension VRRPInstance {
  /// Its virtual addresses answer nobody (RFC 5798 6.1, Accept_Mode): not for their owner.
  var dropsPackets: Bool { !accept && !isOwner }
}

extension MappedRouter {
  /// What its addresses are recognised by, as long as they are here.
  func filterElements(_ interfaces: InterfaceTable, _ settings: FilterSettings) -> [FilterElement] {
    guard instance.dropsPackets else { return [] }
    return (addresses + excludedAddresses).compactMap { placed in
      guard case .ipv6(let address) = placed.line.address, address.isLinkLocal else {
        return .address(placed.line.address)
      }
      // An interface that nobody watches may be another one under its name at any time.
      let isUnwatched =
        instance.dontTrackPrimary && (placed.interface == interface || placed.line.noTrack)
      if isUnwatched && !settings.usesIndexes {
        return .linkLocalByName(address, on: interfaces.name(placed.interface))
      }
      guard interfaces.contains(placed.interface),
        let link = interfaces[placed.interface].link
      else { return nil }
      return .linkLocal(address, on: link.index)
    }
  }
}
