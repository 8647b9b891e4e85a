import Configuration
import Kernel
import Logging
import Primitives

/// The virtual links that a configuration asks for, with their names.
///
/// A link that is there already is used, whoever made it, if it has the right parent and hardware
/// address: a predecessor may have crashed. What is there under another's name is left alone.
struct VirtualLinkPlan {
  fileprivate(set) var links: [PlacedLink] = []
  /// There already, and taken as they are.
  fileprivate(set) var adopted: Set<InterfaceIndex> = []
  /// There already under a name that was asked for, on another parent: they make room.
  fileprivate(set) var obstacles: [InterfaceIndex] = []
  /// There already under a name that was asked for, with another hardware address.
  fileprivate(set) var readdressed: [(number: InterfaceIndex, address: MACAddress)] = []
  /// By the names of instances.
  fileprivate var ownLinks: [String: InterfaceIndex] = [:]
  /// Of addresses, by what makes two of them one.
  fileprivate var linkOfIdentity: [Identity: InterfaceIndex] = [:]
  private var hardwareAddresses: [InterfaceIndex: MACAddress] = [:]
  /// Those whose name the configuration gives.
  fileprivate var named: Set<InterfaceIndex> = []

  /// Two links of one hardware address on one interface would take each other's packets.
  fileprivate struct Identity: Hashable {
    var base: InterfaceIndex
    var address: MACAddress
  }

  init() {}

  /// `isOurs`: whether a link is there through us.
  init(
    _ vrrp: VRRPConfiguration, _ globals: VRRPGlobals, interfaces: InterfaceTable,
    after previous: VirtualLinkPlan, origin: UInt8, log: Log,
    isOurs: (InterfaceIndex) -> Bool
  ) {
    let needsLinks = vrrp.instances.contains { $0.vmac != nil || $0.ipvlan != nil }
    let addresses = vrrp.instances.contains { instance in
      instance.allAddresses.contains { $0.extraVMACParent != nil }
    }
    guard needsLinks || addresses else { return }
    var draft = Draft(vrrp, interfaces, previous, log, origin)
    for instance in vrrp.instances { draft.add(instance, globals, isOurs) }
    self = draft.plan
    for link in links { hardwareAddresses[link.number] = link.hardwareAddress }
  }

  /// The VMAC or ipvlan of an instance.
  func link(of instance: VRRPInstance) -> InterfaceIndex? { ownLinks[instance.name] }

  /// Nil for what is no VMAC of ours.
  func hardwareAddress(of number: InterfaceIndex) -> MACAddress? { hardwareAddresses[number] }

  /// Where an address goes that is to be on a VMAC besides the instance's.
  func link(
    for address: IPAddress, of instance: VRRPInstance, on parent: InterfaceIndex,
    in interfaces: InterfaceTable
  ) -> InterfaceIndex? {
    linkOfIdentity[
      Identity(
        base: interfaces.base(of: parent),
        address: instance.hardwareAddress(address.family))]
  }
}

extension VRRPInstance {
  var allAddresses: [AddressLine] { virtualAddresses + excludedAddresses }

  /// Its own, and that of excluded addresses of the other one.
  fileprivate var families: Set<AddressFamily> {
    Set(excludedAddresses.map(\.address.family)).union([family])
  }

  /// The configured one, else the virtual router's (RFC 5798 7.3).
  fileprivate func hardwareAddress(_ family: AddressFamily) -> MACAddress {
    vmac?.address ?? .virtualRouter(virtualRouterID, family)
  }
}

extension AddressLine {
  /// The interface below the VMAC that it is to have besides the instance's.
  var extraVMACParent: String? {
    if case .extraVMAC(let parent) = placement { parent } else { nil }
  }
}

/// A plan that is being made.
private struct Draft {
  private(set) var plan = VirtualLinkPlan()
  private let interfaces: InterfaceTable
  private let previous: VirtualLinkPlan
  private let log: Log
  private let origin: UInt8
  /// The macvlans that are there.
  private var present: [VirtualLinkPlan.Identity: InterfaceIndex] = [:]
  private var usedNames: Set<String>
  private var previousLink: [InterfaceIndex: PlacedLink] = [:]

  init(
    _ vrrp: VRRPConfiguration, _ interfaces: InterfaceTable, _ previous: VirtualLinkPlan,
    _ log: Log, _ origin: UInt8
  ) {
    self.interfaces = interfaces
    self.previous = previous
    self.log = log
    self.origin = origin
    usedNames = Set(vrrp.instances.compactMap { $0.vmac?.name ?? $0.ipvlan?.name })
    for link in previous.links { previousLink[link.number] = link }
    for entry in interfaces.entries {
      guard let link = entry.link, link.kind == "macvlan", let address = link.address,
        link.macvlanMode == NetworkInterface.privateMacvlan
      else { continue }
      let number = interfaces.number(named: entry.name)
      present[.init(base: interfaces.base(of: number), address: address)] = number
    }
  }

  mutating func add(
    _ instance: VRRPInstance, _ globals: VRRPGlobals, _ isOurs: (InterfaceIndex) -> Bool
  ) {
    if let name = instance.interface {
      let parent = interfaces.number(named: name)
      if instance.vmac != nil {
        addVMAC(of: instance, on: parent, prefix: globals.vmacPrefix, isOurs)
      } else if let ipvlan = instance.ipvlan {
        add(ipvlan, of: instance, on: parent, prefix: globals.vmacPrefix)
      }
    }
    for line in instance.allAddresses {
      guard let parent = line.extraVMACParent else { continue }
      addAddressVMAC(
        for: line.address.family, of: instance, on: interfaces.number(named: parent),
        prefix: globals.vmacAddrPrefix, isOurs)
    }
  }

  // MARK: Links

  private mutating func addVMAC(
    of instance: VRRPInstance, on parent: InterfaceIndex, prefix: String,
    _ isOurs: (InterfaceIndex) -> Bool
  ) {
    let address = instance.hardwareAddress(instance.family)
    let identity = VirtualLinkPlan.Identity(base: interfaces.base(of: parent), address: address)
    if let shared = plan.linkOfIdentity[identity] {
      plan.ownLinks[instance.name] = shared
      return
    }
    let number = choose(
      identity, parent, instance, configured: instance.vmac?.name, prefix: prefix,
      family: instance.family, isOurs)
    let isIPv6 = instance.family == .ipv6
    var source: IPv6Address?
    if case .ipv6(let address) = instance.sourceAddress, address.isLinkLocal { source = address }
    plan.links.append(
      PlacedLink(
        number: number, parent: parent, name: interfaces.name(number),
        kind: .privateMacvlan(address), family: instance.family,
        instance: instance.name, group: instance.vmac?.group,
        announcesParent: instance.vmac?.netlinkNotifyMsg ?? false,
        ownAddress: isIPv6 && !instance.vmacXmitBase ? .linkLocal(configured: source) : .none,
        families: instance.families, isFiltered: true,
        origin: origin))
    plan.linkOfIdentity[identity] = number
    plan.ownLinks[instance.name] = number
  }

  private mutating func addAddressVMAC(
    for family: AddressFamily, of instance: VRRPInstance, on parent: InterfaceIndex,
    prefix: String, _ isOurs: (InterfaceIndex) -> Bool
  ) {
    let address = instance.hardwareAddress(family)
    let identity = VirtualLinkPlan.Identity(base: interfaces.base(of: parent), address: address)
    if plan.linkOfIdentity[identity] != nil { return }
    let number = choose(
      identity, parent, instance, configured: nil, prefix: prefix, family: family, isOurs)
    // With a configured hardware address one link has the addresses of both families.
    let lines = instance.allAddresses.filter {
      $0.extraVMACParent == interfaces.name(parent)
        && instance.hardwareAddress($0.address.family) == address
    }
    plan.links.append(
      PlacedLink(
        number: number, parent: parent, name: interfaces.name(number),
        kind: .privateMacvlan(address), family: family,
        instance: instance.name, group: instance.vmac?.group,
        announcesParent: instance.vmac?.netlinkNotifyMsg ?? false,
        ownAddress: family == .ipv6 ? .linkLocal(configured: nil) : .none,
        families: Set(lines.map(\.address.family)), isFiltered: instance.vmac != nil,
        origin: origin))
    plan.linkOfIdentity[identity] = number
  }

  private mutating func add(
    _ ipvlan: IPVLAN, of instance: VRRPInstance, on parent: InterfaceIndex, prefix: String
  ) {
    let names =
      ipvlan.name.map { [$0] } ?? Names(prefix, instance.virtualRouterID, instance.family).first(20)
    let free = names.filter { ipvlan.name != nil || !usedNames.contains($0) }
    guard
      let name = free.first(where: { isIPVLAN($0, on: parent) })
        ?? free.first(where: { !exists($0) }) ?? names.first
    else { return }
    usedNames.insert(name)
    let number = interfaces.number(named: name)
    plan.links.append(
      PlacedLink(
        number: number, parent: parent, name: name, kind: .ipvlan(ipvlan.mode.kernelMode),
        family: instance.family, instance: instance.name, group: ipvlan.group,
        ownAddress: ipvlan.address.map {
          .configured($0, prefixLength: ipvlan.prefixLength)
        } ?? .none,
        families: instance.families, isFiltered: false,
        origin: origin))
    if isIPVLAN(name, on: parent) { plan.adopted.insert(number) }
    plan.ownLinks[instance.name] = number
  }

  private func isIPVLAN(_ name: String, on parent: InterfaceIndex) -> Bool {
    let number = interfaces.number(named: name)
    guard let link = interfaces[number].link else { return false }
    return link.kind == "ipvlan" && link.ipvlanMode == NetworkInterface.layer2IPVLAN
      && interfaces.base(of: number) == interfaces.base(of: parent)
  }

  // MARK: Names

  private func exists(_ name: String) -> Bool {
    interfaces[interfaces.number(named: name)].link != nil
  }

  private mutating func choose(
    _ identity: VirtualLinkPlan.Identity, _ parent: InterfaceIndex, _ instance: VRRPInstance,
    configured: String?, prefix: String, family: AddressFamily,
    _ isOurs: (InterfaceIndex) -> Bool
  ) -> InterfaceIndex {
    if let there = present[identity] {
      let name = interfaces.name(there)
      let isRight =
        configured.map { $0 == name }
        ?? (!usedNames.contains(name) && !previous.named.contains(there))
      if isRight || !isOurs(there) {
        if let configured, configured != name {
          log.info(
            "(\(instance.name)) vmac name mismatch \(configured) <=> \(name)."
              + " changing to \(name).")
        }
        return take(there, isNamed: configured != nil, adopting: true)
      }
    }
    if let configured {
      let number = interfaces.number(named: configured)
      if let link = interfaces[number].link, !isOurs(number) {
        if link.kind == "macvlan", link.macvlanMode == NetworkInterface.privateMacvlan,
          interfaces.base(of: number) == identity.base
        {
          plan.readdressed.append((number, identity.address))
          return take(number, isNamed: true, adopting: true)
        }
        plan.obstacles.append(number)
      }
      return take(number, isNamed: true, adopting: false)
    }
    // One that is not there at the moment keeps its name, and one that is made anew has it again.
    let heir = previous.links.first {
      $0.instance == instance.name && $0.parent == parent && $0.family == family
        && !previous.named.contains($0.number) && !usedNames.contains($0.name)
    }
    if let heir { return take(heir.number, isNamed: false, adopting: false) }
    let names = Names(prefix, instance.virtualRouterID, family)
    let name = names.firstFree { usedNames.contains($0) || exists($0) }
    return take(interfaces.number(named: name), isNamed: false, adopting: false)
  }

  private mutating func take(
    _ number: InterfaceIndex, isNamed: Bool, adopting: Bool
  ) -> InterfaceIndex {
    usedNames.insert(interfaces.name(number))
    if isNamed { plan.named.insert(number) }
    if adopting { plan.adopted.insert(number) }
    return number
  }
}

/// The names that a virtual link may have when the configuration gives it none: `vrrp.51`,
/// `vrrp1.51`, `vrrp2.51` …
private struct Names {
  private let prefix: String
  private let suffix: String
  private let family: AddressFamily
  private static let longest = 15

  init(_ prefix: String, _ id: VirtualRouterID, _ family: AddressFamily) {
    self.prefix = prefix
    suffix = ".\(id.rawValue)"
    self.family = family
  }

  private func name(_ number: Int) -> String {
    var middle = ""
    // An IPv6 router is told from an IPv4 one of its VRID by a 6.
    switch family {
    case .ipv4: if number > 0 { middle = String(number) }
    case .ipv6:
      if number > 0 { middle = number == 1 ? "6" : String(number > 6 ? number : number - 1) }
    }
    let room = Self.longest - middle.utf8.count - suffix.utf8.count
    return String(decoding: prefix.utf8.prefix(room), as: UTF8.self) + middle + suffix
  }

  func first(_ count: Int) -> [String] { (0..<count).map(name) }

  func firstFree(_ isTaken: (String) -> Bool) -> String {
    var number = 0
    while isTaken(name(number)) { number += 1 }
    return name(number)
  }
}

extension IPVLAN.Mode {
  fileprivate var kernelMode: VirtualLink.IPVLANMode {
    switch self {
    case .bridge: .bridge
    case .private: .private
    case .vepa: .vepa
    }
  }
}
