import Configuration
import Kernel
import Primitives

/// Configured sources that must be on their interface (`track_src_ip`), and which of them are.
struct TrackedSources {
  private struct Source: Hashable {
    var interface: InterfaceIndex
    var address: IPAddress
  }

  private var tracked: Set<Source> = []
  private var present: Set<Source> = []

  var isNeeded: Bool { !tracked.isEmpty }

  /// Takes over what a configuration tracks; which are there is to be told anew.
  mutating func replace(by instances: [VRRPInstance], _ interfaces: InterfaceTable) {
    present = []
    tracked = []
    for instance in instances where instance.trackSrcIP {
      guard let name = instance.interface, let source = instance.sourceAddress else { continue }
      tracked.insert(Source(interface: interfaces.number(named: name), address: source))
    }
  }

  /// The source that an instance finds on its interface.
  func address(
    of instance: VRRPInstance, _ interface: InterfaceIndex, _ interfaces: InterfaceTable
  ) -> IPAddress? {
    if instance.trackSrcIP, let source = instance.sourceAddress {
      return present.contains(Source(interface: interface, address: source)) ? source : nil
    }
    return interfaces.contains(interface) ? interfaces[interface].address(instance.family) : nil
  }

  /// Whether it is one of them.
  mutating func added(_ address: IPAddress, on interface: InterfaceIndex) -> Bool {
    let source = Source(interface: interface, address: address)
    return tracked.contains(source) && present.insert(source).inserted
  }

  /// Whether it was one of them.
  mutating func removed(_ address: IPAddress, from interface: InterfaceIndex) -> Bool {
    present.remove(Source(interface: interface, address: address)) != nil
  }

  func present(on interface: InterfaceIndex) -> [IPAddress] {
    present.filter { $0.interface == interface }.map(\.address)
  }

  /// The interface is gone; the families of what was there.
  mutating func forget(_ interface: InterfaceIndex) -> Set<AddressFamily> {
    let gone = present.filter { $0.interface == interface }
    present.subtract(gone)
    return Set(gone.map(\.address.family))
  }
}
