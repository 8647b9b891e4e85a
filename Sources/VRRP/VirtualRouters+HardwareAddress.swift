package import Primitives

extension VirtualRouters {
  /// An interface has another hardware address: what the neighbours know of the virtual addresses
  /// there leads nowhere. Each MASTER with one of them announces its addresses as when it became
  /// MASTER.
  package mutating func hardwareAddressChanged(
    on interface: InterfaceIndex, at now: Instant, into effects: inout [Effect]
  ) {
    for index in routers.indices where routers[index].state == .master {
      let configuration = routers[index].configuration
      let addresses = configuration.addresses + configuration.excludedAddresses
      guard addresses.contains(where: { $0.interface == interface }) else { continue }
      routers[index].announceAll(
        configuration.gratuitous.masterRepeat, at: now, in: &environment, into: &effects)
    }
    publishProcessDeadline(into: &effects)
  }
}
