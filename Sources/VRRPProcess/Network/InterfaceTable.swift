import Kernel
import Primitives
import SystemIO

/// What the process knows of network interfaces: those that exist and those that the configuration
/// names, under numbers of its own.
///
/// The kernel gives an interface that is made anew another index. The numbers here belong to the
/// names and stay, so the protocol core can use them as `InterfaceIndex`.
final class InterfaceTable {
  struct Entry {
    let name: String
    /// Nil while it does not exist.
    var link: NetworkInterface?
    /// What the protocol was told; a debounced change comes later than the link's.
    var isUp = false
    var hasBeenUp = false
    /// The IPv4 addresses and link-local IPv6 addresses in the order in which they were seen, less
    /// the virtual ones.
    var addresses: [IPAddress] = []
    /// How long a change of the link is held back.
    var downDelay = Microseconds.zero
    var upDelay = Microseconds.zero
    /// The interface that it is made on, if we make it.
    var parent: InterfaceIndex?

    var index: InterfaceIndex { link?.index ?? .none }

    func address(_ family: AddressFamily) -> IPAddress? {
      addresses.first { $0.family == family }
    }
  }

  private(set) var entries: [Entry] = []
  private var numberOfName: [String: InterfaceIndex] = [:]
  private var numberOfIndex: [InterfaceIndex: InterfaceIndex] = [:]

  subscript(number: InterfaceIndex) -> Entry {
    get { entries[Int(number.rawValue) - 1] }
    set { entries[Int(number.rawValue) - 1] = newValue }
  }

  func contains(_ number: InterfaceIndex) -> Bool {
    number != .none && Int(number.rawValue) <= entries.count
  }

  /// The number of a name; a name nobody has heard of gets one.
  func number(named name: String) -> InterfaceIndex {
    if let number = numberOfName[name] { return number }
    entries.append(Entry(name: name))
    let number = InterfaceIndex(rawValue: UInt32(entries.count))
    numberOfName[name] = number
    return number
  }

  func number(kernelIndex: InterfaceIndex) -> InterfaceIndex? { numberOfIndex[kernelIndex] }

  func name(_ number: InterfaceIndex) -> String {
    contains(number) ? self[number].name : ""
  }

  /// The interface below a macvlan or VLAN, or itself; of one that is yet to be made the one that
  /// its parent stands on.
  func base(of number: InterfaceIndex) -> InterfaceIndex {
    guard contains(number) else { return number }
    guard let link = self[number].link else {
      return self[number].parent.map { base(of: $0) } ?? number
    }
    return link.base == link.index ? number : numberOfIndex[link.base] ?? number
  }

  /// Takes over what the kernel says; the number and what was known before.
  @discardableResult
  func update(_ link: NetworkInterface) -> (number: InterfaceIndex, before: NetworkInterface?) {
    let number = number(named: link.name)
    let before = self[number].link
    if let before, before.index != link.index { numberOfIndex[before.index] = nil }
    numberOfIndex[link.index] = number
    self[number].link = link
    return (number, before)
  }

  /// The interface is gone; its name keeps its number.
  func remove(_ number: InterfaceIndex) {
    if let link = self[number].link { numberOfIndex[link.index] = nil }
    self[number].link = nil
    self[number].addresses = []
  }

  /// An address that can be a source of adverts: any of IPv4, link-local ones of IPv6.
  func addAddress(_ address: IPAddress, to number: InterfaceIndex) {
    guard address.family == .ipv4 || address.isLinkLocal else { return }
    if !self[number].addresses.contains(address) { self[number].addresses.append(address) }
  }

  /// The last remaining one becomes the address of the interface when the first goes.
  func removeAddress(_ address: IPAddress, from number: InterfaceIndex) {
    let wasFirst = self[number].address(address.family) == address
    self[number].addresses.removeAll { $0 == address }
    guard wasFirst,
      let last = self[number].addresses.lastIndex(where: { $0.family == address.family })
    else { return }
    let successor = self[number].addresses.remove(at: last)
    self[number].addresses.insert(successor, at: 0)
  }
}
