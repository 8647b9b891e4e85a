import Configuration
import Firewall
import Kernel
import Primitives

/// Which packets are filtered for what a configuration says.
enum FilterPolicy {
  /// What filters, with what is to be said about it; `support` is asked if it matters.
  static func method(
    _ global: GlobalDefinitions, isNeeded: Bool, kernel release: String,
    iptables support: () -> IPTablesSupport
  ) -> (method: PacketFilter.Method, remark: String?) {
    let nftables = PacketFilter.Method.nftables(settings(global))
    guard isNeeded else { return (nftables, nil) }
    guard let chains = global.iptables else {
      return (
        nftables,
        global.nftables != nil
          ? nil
          : "use_vmac or no_accept/strict specified, but no firewall configured - using nftables"
      )
    }
    if global.nftables != nil {
      return (
        nftables, "Both iptables and nftables have been specified - ignoring iptables"
      )
    }
    switch support() {
    case .own:
      let sets = ipsets(global, release)
      return (
        .iptables(
          XTablesSettings(inputChain: chains.input, outputChain: chains.output, sets: sets)), nil
      )
    case .byNFTables:
      return (
        nftables,
        "Not using iptables since iptables uses nf_tables - please update configuration"
      )
    case .missing:
      return (nftables, "Not using iptables since libip4tc and libip6tc cannot be loaded")
    }
  }

  private static func settings(_ global: GlobalDefinitions) -> FilterSettings {
    var settings = FilterSettings(
      hasCounters: global.nftablesCounters, usesIndexes: global.nftablesIfindex)
    if let tables = global.nftables {
      settings.name = tables.table
      settings.priority = tables.priority
    }
    return settings
  }

  /// Before Linux 3.13 sets were those of all namespaces.
  private static func ipsets(_ global: GlobalDefinitions, _ release: String) -> IPSetNames? {
    let version = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    let isOld = version.lexicographicallyPrecedes([3, 13])
    if isOld && global.netNamespace != nil && !global.namespaceWithIPSets { return nil }
    guard let names = global.ipsets else { return IPSetNames() }
    return names.isEmpty ? nil : IPSetNames(names)
  }

  /// Whether anything is filtered by this configuration.
  static func isNeeded(_ configuration: Configuration) -> Bool {
    configuration.vrrp.instances.contains { dropsPackets($0) || $0.vmac != nil }
  }

  /// Its virtual addresses answer nobody (RFC 5798 6.1, Accept_Mode): not for their owner.
  static func dropsPackets(_ instance: VRRPInstance) -> Bool {
    !instance.accept && !instance.isOwner
  }
}

extension MappedRouter {
  /// What its addresses are recognised by, as long as they are here.
  func filterElements(
    _ interfaces: InterfaceTable, usesIndexes: Bool
  ) -> [FilterElement] {
    guard FilterPolicy.dropsPackets(instance) else { return [] }
    return (addresses + excludedAddresses).compactMap { placed in
      guard case .ipv6(let address) = placed.line.address, address.isLinkLocal else {
        return .address(placed.line.address)
      }
      // An interface that nobody watches may be another one under its name at any time.
      let isUnwatched =
        instance.dontTrackPrimary && (placed.interface == interface || placed.line.noTrack)
      if isUnwatched && !usesIndexes {
        return .linkLocalByName(address, on: interfaces.name(placed.interface))
      }
      guard interfaces.contains(placed.interface),
        let link = interfaces[placed.interface].link
      else { return nil }
      return .linkLocal(address, on: FilterInterface(link.index, link.name))
    }
  }
}
