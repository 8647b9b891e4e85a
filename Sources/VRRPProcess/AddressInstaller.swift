import Configuration
import Kernel
import Logging
import Primitives
import SystemIO

/// Puts addresses on interfaces, takes them off, and knows which ones are there through us.
final class AddressInstaller {
  typealias Key = InstalledAddresses.Key

  private let channel: NetlinkChannel
  private let log: Log
  private let interfaces: InterfaceTable
  /// The number of `keepalived` in rt_addrprotos.
  private let origin: UInt8
  private var installed = InstalledAddresses()

  init(channel: NetlinkChannel, interfaces: InterfaceTable, origin: UInt8, log: Log) {
    self.channel = channel
    self.interfaces = interfaces
    self.origin = origin
    self.log = log
  }

  /// An address line with the interface it goes to.
  struct Placed {
    var line: AddressLine
    var interface: InterfaceIndex
  }

  func key(_ placed: Placed) -> Key {
    Key(
      interface: interfaces[placed.interface].index, address: placed.line.address,
      prefixLength: placed.line.prefixLength)
  }

  func isInstalled(_ placed: Placed) -> Bool { installed.contains(key(placed)) }

  /// Sets those that are not set, all in one go.
  func add(_ addresses: [Placed]) {
    var requests: [NetlinkRequest] = []
    var keys: [Key] = []
    for placed in addresses {
      let key = key(placed)
      if key.interface == .none {
        log.info(
          "Not adding address \(placed.line.address) to \(interfaces.name(placed.interface))"
            + " since interface doesn't exist"
        )
        continue
      }
      if installed.contains(key) { continue }
      requests.append(assignment(placed).addition)
      keys.append(key)
    }
    for (key, error) in zip(keys, channel.perform(requests)) {
      if let error, error != .exists {
        report(error, "RTM_NEWADDR(20)", key)
      } else {
        installed.insert(key)
      }
    }
  }

  /// Takes off those that are set, all in one go. `byForce` also those that this run did not set,
  /// without a word about any that are not there.
  func remove(_ addresses: [Placed], byForce: Bool = false) {
    var requests: [NetlinkRequest] = []
    var keys: [Key] = []
    for placed in addresses {
      let key = key(placed)
      let wasInstalled = installed.remove(key)
      if key.interface == .none || !(wasInstalled || byForce) { continue }
      requests.append(assignment(placed).removal)
      keys.append(key)
    }
    for (key, error) in zip(keys, channel.perform(requests)) {
      switch error {
      case nil: installed.expectRemoval(of: key)
      // Secondary addresses go with their primary one.
      case .some(.addressNotAvailable): break
      case .some(.noDevice): break
      case .some(let error): if !byForce { report(error, "RTM_DELADDR(21)", key) }
      }
    }
  }

  /// The kernel reports a removal: whether somebody else took an address that was set.
  func removalReported(_ address: InterfaceAddress) -> Bool {
    installed.removalReported(
      Key(
        interface: address.interface, address: address.address, prefixLength: address.prefixLength))
  }

  /// The interface is gone, and all addresses with it.
  func forget(_ interface: InterfaceIndex) { installed.forget(interface) }

  /// After messages were lost: what the kernel really has.
  func resynchronize(_ present: Set<Key>) -> Set<Key> { installed.resynchronize(present) }

  func assignment(_ placed: Placed) -> AddressAssignment {
    let line = placed.line
    var flags: AddressAssignment.Flags = []
    if line.address.family == .ipv6 && !line.flags.contains(.duplicateAddressDetection) {
      flags.insert(.noDuplicateDetection)
    }
    let pairs: [(AddressLine.Flags, AddressAssignment.Flags)] = [
      (.home, .home), (.mngtmpaddr, .managesTemporary), (.noprefixroute, .noPrefixRoute),
      (.autojoin, .autojoin),
    ]
    for (configured, flag) in pairs where line.flags.contains(configured) { flags.insert(flag) }
    return AddressAssignment(
      interface: interfaces[placed.interface].index, address: line.address,
      prefixLength: line.prefixLength, scope: line.scope, broadcast: line.broadcast,
      label: line.label ?? "", peer: line.peer, flags: flags,
      preferredLifetime: line.preferredLifetime, origin: origin)
  }

  private func report(_ error: Errno, _ type: String, _ key: Key) {
    log.info(
      "Netlink: error: \(error)(\(error.rawValue)), type=\(type),"
        + " address \(key.address)/\(key.prefixLength)"
    )
  }
}
