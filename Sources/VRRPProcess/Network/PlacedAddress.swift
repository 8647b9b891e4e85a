import Configuration
import Kernel
import Primitives
import SystemIO

/// An address line with the interface that it goes to.
///
/// A class: the router that wants it and `Installer` hold one and the same.
final class PlacedAddress {
  let line: AddressLine
  /// As `InterfaceTable` numbers them.
  let interface: InterfaceIndex
  /// The number of `keepalived` in rt_addrprotos.
  let origin: UInt8

  init(line: AddressLine, interface: InterfaceIndex, origin: UInt8) {
    self.line = line
    self.interface = interface
    self.origin = origin
  }
}

extension PlacedAddress: Installable {
  struct Key: Hashable {
    var interface: InterfaceIndex
    var address: IPAddress
    var prefixLength: UInt8
  }

  var key: Key {
    Key(interface: interface, address: line.address, prefixLength: line.prefixLength)
  }

  func isSame(as other: PlacedAddress) -> Bool {
    key == other.key && line.scope == other.line.scope && line.label == other.line.label
      && line.useVMAC == other.line.useVMAC
  }

  func isOn(_ interface: InterfaceIndex) -> Bool { self.interface == interface }

  func goes(with interface: InterfaceIndex, in interfaces: InterfaceTable) -> Bool {
    isOn(interface)
  }

  func missingInterface(in interfaces: InterfaceTable) -> InterfaceIndex? {
    interfaces[interface].link == nil ? interface : nil
  }

  func object(in interfaces: InterfaceTable) -> NetworkObject {
    var flags: AddressAssignment.Flags = []
    if line.address.family == .ipv6 && !line.flags.contains(.duplicateAddressDetection) {
      flags.insert(.noDuplicateDetection)
    }
    let pairs: [(AddressLine.Flags, AddressAssignment.Flags)] = [
      (.home, .home), (.mngtmpaddr, .managesTemporary), (.noprefixroute, .noPrefixRoute),
      (.autojoin, .autojoin),
    ]
    for (configured, flag) in pairs where line.flags.contains(configured) { flags.insert(flag) }
    return .address(
      AddressAssignment(
        interface: interfaces[interface].index, address: line.address,
        prefixLength: line.prefixLength,
        scope: line.scope, broadcast: line.broadcast, label: line.label ?? "", peer: line.peer,
        flags: flags, preferredLifetime: line.preferredLifetime, origin: origin))
  }

  func inherit(from old: PlacedAddress) {}

  var replaces: Bool { false }

  var shortTitle: String { "address \(line.address)" }
  var title: String { "address \(text)" }
  /// `10.0.0.1/24`
  var text: String { "\(line.address)/\(line.prefixLength)" }

  var consequence: String { "" }

  static var additionName: String { "RTM_NEWADDR(20)" }
  static var removalName: String { "RTM_DELADDR(21)" }
  static let presence: Set<Errno> = [.exists]
  /// Secondary addresses go with their primary one.
  static let absence: Set<Errno> = [.addressNotAvailable, .noDevice]
  static let takesOthersAlong = true
}
