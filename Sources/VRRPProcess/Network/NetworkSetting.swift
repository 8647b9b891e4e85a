/// A setting of the kernel for this network namespace: a file below /proc/sys/net.
enum NetworkSetting: Hashable, Sendable {
  /// `conf` of one interface, or of `all` or `default`.
  case ipv4(String, interface: String)
  case ipv6(String, interface: String)
  case reportsLocalGroups

  /// Nil where the name of the interface would lead elsewhere.
  var path: String? {
    switch self {
    case .ipv4(let name, let interface): Self.path("ipv4", interface, name)
    case .ipv6(let name, let interface): Self.path("ipv6", interface, name)
    case .reportsLocalGroups: "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"
    }
  }

  private static func path(_ family: String, _ interface: String, _ name: String) -> String? {
    guard !interface.isEmpty, interface != ".", interface != "..",
      !interface.utf8.contains(UInt8(ascii: "/"))
    else { return nil }
    return "/proc/sys/net/\(family)/conf/\(interface)/\(name)"
  }

  /// As the administrator knows it: `net.ipv4.conf.all.rp_filter`.
  var title: String {
    switch self {
    case .ipv4(let name, let interface): "net.ipv4.conf.\(interface).\(name)"
    case .ipv6(let name, let interface): "net.ipv6.conf.\(interface).\(name)"
    case .reportsLocalGroups: "net.ipv4.igmp_link_local_mcast_reports"
    }
  }
}
