import Kernel
import Logging
import Primitives
import SystemIO

/// Settings of the kernel that the configuration asks for, and that are put back at the end.
final class KernelSettings {
  private let edge: any NetworkEdge
  private let interfaces: InterfaceTable
  private let log: Log
  /// What stood there before.
  private var originals: [(setting: NetworkSetting, value: String)] = []
  private var reversePath: ReversePathFilter?
  /// What the parents of virtual links had before the first one, by their numbers here.
  private var parents: [InterfaceIndex: IPv4LinkSettings] = [:]

  init(edge: any NetworkEdge, interfaces: InterfaceTable, log: Log) {
    self.edge = edge
    self.interfaces = interfaces
    self.log = log
  }

  /// A primary address that goes does not take its secondary ones along (`promote_secondaries`).
  func promoteSecondaries(on interface: String) {
    set(.ipv4("promote_secondaries", interface: interface), "1", where: "0")
  }

  /// The kernel reports no membership of groups of the local network (`disable_local_igmp`).
  func disableLocalIGMP() { set(.reportsLocalGroups, "0", where: "1") }

  private func set(_ setting: NetworkSetting, _ value: String, where original: String) {
    guard !originals.contains(where: { $0.setting == setting }),
      edge.value(of: setting) == original
    else { return }
    do throws(Errno) {
      try edge.set(setting, to: value)
      originals.append((setting, original))
    } catch { log.warning("Unable to set \(setting.title) to \(value) - \(error)") }
  }

  func restore() {
    for (setting, value) in originals { try? edge.set(setting, to: value) }
    originals = []
  }

  // MARK: Virtual links

  /// Packets for a virtual router come in by its link, and the route to their senders leads out by
  /// the parent: a filter for all interfaces would drop them (RFC 3704 2.2). Each interface that
  /// there is, and will be, gets what was set for all; then nothing is set for all.
  func filterReversePathsSingly() {
    if reversePath != nil { return }
    reversePath = ReversePathFilter(edge, interfaces, log)
  }

  /// No virtual link is left.
  func filterReversePathsAsBefore() {
    reversePath?.restore(edge, interfaces, log)
    reversePath = nil
  }

  /// The parent answers no ARP request for the addresses of the links on it. Nil if it does not
  /// already.
  func silence(parent: InterfaceIndex) -> LinkSettings? {
    guard parents[parent] == nil, let link = interfaces[parent].link else { return nil }
    var before = IPv4LinkSettings()
    before.arpIgnore = edge.number(of: .ipv4("arp_ignore", interface: link.name))
    before.arpFilter = edge.number(of: .ipv4("arp_filter", interface: link.name))
    guard before.arpIgnore != 1 || before.arpFilter != 1 else { return nil }
    parents[parent] = before
    var settings = LinkSettings(link.index)
    settings.ipv4.arpIgnore = 1
    settings.ipv4.arpFilter = 1
    return settings
  }

  /// The last link on a parent is to go: what the parent had before, if that is known.
  func unsilence(parent: InterfaceIndex) -> LinkSettings? {
    guard let before = parents.removeValue(forKey: parent), let link = interfaces[parent].link
    else { return nil }
    var settings = LinkSettings(link.index)
    settings.ipv4 = before
    return settings
  }

  /// The parent is gone, and with it what it was set to.
  func forget(parent: InterfaceIndex) { parents[parent] = nil }
}

/// What was done to `rp_filter`, and how it is undone.
private struct ReversePathFilter {
  private static let all = NetworkSetting.ipv4("rp_filter", interface: "all")
  private static let standard = NetworkSetting.ipv4("rp_filter", interface: "default")

  private var all: UInt32
  /// Nil if it was not changed.
  private var standard: UInt32?
  /// By the numbers of the interfaces here.
  private var raised: [(number: InterfaceIndex, index: InterfaceIndex, from: UInt32)] = []

  /// Nil if nothing is set for all interfaces.
  init?(_ edge: any NetworkEdge, _ interfaces: InterfaceTable, _ log: Log) {
    guard let all = edge.number(of: Self.all), all > 0 else { return nil }
    self.all = all
    if let before = edge.number(of: Self.standard), before < all {
      standard = before
      Self.set(Self.standard, to: all, "setting", "from \(before) ", edge, log)
    }
    var changes: [NetworkChange] = []
    for entry in interfaces.entries {
      // That of `all` counts while it is the higher one.
      guard let link = entry.link, !link.isLoopback, let before = link.ipv4?.rpFilter, before < all
      else { continue }
      raised.append((interfaces.number(named: entry.name), link.index, before))
      changes.append(.set(Self.settings(link.index, all)))
    }
    _ = edge.perform(changes)
    Self.set(Self.all, to: 0, "setting", "from \(all) ", edge, log)
  }

  /// What somebody else has changed since stays.
  func restore(_ edge: any NetworkEdge, _ interfaces: InterfaceTable, _ log: Log) {
    if edge.number(of: Self.all) == 0 {
      Self.set(Self.all, to: all, "resetting", "", edge, log)
    }
    if let standard, edge.number(of: Self.standard) == all {
      Self.set(Self.standard, to: standard, "resetting", "", edge, log)
    }
    _ = edge.perform(
      raised.compactMap { number, index, before in
        guard let link = interfaces[number].link, link.index == index,
          edge.number(of: .ipv4("rp_filter", interface: link.name)) == all
        else { return nil }
        return .set(Self.settings(index, before))
      })
  }

  private static func settings(_ index: InterfaceIndex, _ value: UInt32) -> LinkSettings {
    var settings = LinkSettings(index)
    settings.ipv4.rpFilter = value
    return settings
  }

  private static func set(
    _ setting: NetworkSetting, to new: UInt32, _ verb: String, _ from: String,
    _ edge: any NetworkEdge, _ log: Log
  ) {
    log.info("NOTICE: \(verb) sysctl \(setting.title) \(from)to \(new)")
    do throws(Errno) { try edge.set(setting, to: String(new)) } catch {
      log.warning("Unable to set \(setting.title) to \(new) - \(error)")
    }
  }
}

extension NetworkEdge {
  fileprivate func number(of setting: NetworkSetting) -> UInt32? {
    value(of: setting).flatMap { UInt32($0) }
  }
}
