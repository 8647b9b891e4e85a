import Configuration
import Kernel
import Primitives
import VRRP

/// Which instances speak as the same virtual router on one interface. Where the text shows it the
/// configuration is refused; an interface that comes later, or becomes another one, can bring it
/// about (`dynamic_interfaces`).
struct DuplicateVirtualRouters {
  private struct Identity: Hashable {
    var virtualRouterID: VirtualRouterID
    var family: AddressFamily
    var group: IPAddress
    var base: Base
  }

  /// The interface that packets really go through.
  private enum Base: Hashable {
    case own(InterfaceIndex)
    case foreign(ForeignInterface)
  }

  /// The names of those that were there first: a running one is not disturbed by what comes.
  private var holders: [Identity: String] = [:]

  /// The place of each that is at fault, with that of the one that it collides with.
  mutating func find(_ routers: [MappedRouter], _ interfaces: InterfaceTable) -> [Int: Int] {
    var places: [Identity: [Int]] = [:]
    for (index, router) in routers.enumerated() {
      if let identity = identity(router, interfaces) { places[identity, default: []].append(index) }
    }
    var found: [Int: Int] = [:]
    var holders: [Identity: String] = [:]
    for (identity, indices) in places {
      let before = indices.first { routers[$0].instance.name == self.holders[identity] }
      guard let holder = before ?? indices.first else { continue }
      holders[identity] = routers[holder].instance.name
      for index in indices where index != holder { found[index] = holder }
    }
    self.holders = holders
    return found
  }

  private func identity(_ router: MappedRouter, _ interfaces: InterfaceTable) -> Identity? {
    guard !router.router.isUnicast, interfaces.contains(router.interface),
      let link = interfaces[router.interface].link
    else { return nil }
    return Identity(
      virtualRouterID: router.router.virtualRouterID, family: router.router.family,
      group: router.router.multicastGroup,
      base: link.foreignBase.map(Base.foreign) ?? .own(interfaces.base(of: router.interface)))
  }
}
