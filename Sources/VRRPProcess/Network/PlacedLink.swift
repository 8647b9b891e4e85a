import Configuration
import Kernel
import Primitives
import SystemIO

/// A link that we make on another interface: the VMAC or ipvlan of an instance, or a VMAC for
/// addresses.
final class PlacedLink {
  /// The address that it has from the beginning, besides virtual ones.
  enum OwnAddress: Hashable {
    case none
    /// The source of adverts over IPv6 (RFC 5798 5.1.2.1): the configured one, or its parent's.
    case linkLocal(configured: IPv6Address?)
    /// The address of an ipvlan.
    case configured(IPAddress, prefixLength: UInt8)
  }

  /// As `InterfaceTable` numbers them.
  let number: InterfaceIndex
  let parent: InterfaceIndex
  let name: String
  let kind: VirtualLink.Kind
  /// Of the virtual router's addresses on it.
  let family: AddressFamily
  /// The first instance that has it made, for the log.
  let instance: String
  /// Nil is its parent's.
  let group: UInt32?
  /// The kernel is to tell of the parent again (`netlink_notify_msg`).
  let announcesParent: Bool
  let ownAddress: OwnAddress
  /// Only those of an instance that has a VMAC of its own (`use_vmac`) matter to the packet filter.
  let isFiltered: Bool
  /// Of all addresses that are to be on it.
  let families: Set<AddressFamily>
  /// The number of `keepalived` in rt_addrprotos.
  let origin: UInt8

  init(
    number: InterfaceIndex, parent: InterfaceIndex, name: String, kind: VirtualLink.Kind,
    family: AddressFamily, instance: String, group: UInt32? = nil,
    announcesParent: Bool = false, ownAddress: OwnAddress = .none, families: Set<AddressFamily>,
    isFiltered: Bool,
    origin: UInt8 = AddressOrigin.standard
  ) {
    self.number = number
    self.parent = parent
    self.name = name
    self.kind = kind
    self.family = family
    self.instance = instance
    self.group = group
    self.announcesParent = announcesParent
    self.ownAddress = ownAddress
    self.isFiltered = isFiltered
    self.families = families
    self.origin = origin
  }

  var isMacvlan: Bool {
    switch kind {
    case .privateMacvlan: true
    case .ipvlan: false
    }
  }

  /// Nil for an ipvlan, which has its parent's.
  var hardwareAddress: MACAddress? {
    switch kind {
    case .privateMacvlan(let address): address
    case .ipvlan: nil
    }
  }

  /// `VMAC interface vrrp.51`
  var text: String { "\(isMacvlan ? "VMAC" : "ipvlan") interface \(name)" }
}

extension PlacedLink: Installable {
  var key: InterfaceIndex { number }

  func isOn(_ interface: InterfaceIndex) -> Bool { parent == interface }

  func isSame(as other: PlacedLink) -> Bool {
    number == other.number && parent == other.parent && kind == other.kind && group == other.group
  }

  func missingInterface(in interfaces: InterfaceTable) -> InterfaceIndex? {
    interfaces[parent].link == nil ? parent : nil
  }

  func object(in interfaces: InterfaceTable) -> NetworkObject {
    let parent = interfaces[parent]
    return .link(
      VirtualLink(
        index: interfaces[number].index, name: name, kind: kind, parent: parent.index,
        group: group ?? parent.link?.group ?? 0, controller: interfaces.vrf(of: self.parent)))
  }

  var title: String { text }
  var shortTitle: String { text }
  static var additionName: String { "RTM_NEWLINK(16)" }
  static var removalName: String { "RTM_DELLINK(17)" }
  static let presence: Set<Errno> = []
  static let absence: Set<Errno> = [.noDevice]
}

extension InterfaceTable {
  /// The kernel's index of the VRF that an interface belongs to, or none.
  func vrf(of number: InterfaceIndex) -> InterfaceIndex {
    guard let link = self[number].link, link.controller != .none,
      let controller = self.number(kernelIndex: link.controller),
      self[controller].link?.kind == "vrf"
    else { return .none }
    return link.controller
  }
}
