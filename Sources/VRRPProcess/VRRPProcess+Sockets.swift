import ProcessFrame
import Configuration
import Kernel
import Logging
import Primitives
import SystemIO
import VRRP

/// Which sockets the routers need now.
extension VRRPProcess {
  /// Opens what is missing and closes what nobody needs any more; to be called when routers,
  /// interfaces or source addresses have changed.
  func openSockets() {
    var wanted: [SocketPool.Member] = []
    var byEndpoint: [AdvertisementEndpoint: SocketPool.Member] = [:]
    for (index, router) in routers.enumerated() {
      router.member = nil
      guard let endpoint = endpoint(of: router) else { continue }
      let member = byEndpoint[endpoint] ?? SocketPool.Member(endpoint)
      if byEndpoint[endpoint] == nil { wanted.append(member) }
      byEndpoint[endpoint] = member
      member.routers.append(index)
      let share = receiveBufferShare(of: index)
      member.receiveBuffer = Int32(clamping: Int64(member.receiveBuffer) + share)
      router.member = member
    }
    network.sockets.replaceMembers(wanted)
    network.sockets.growBuffers(to: largestMTU)
    for member in wanted {
      member.receiveTable = core.receiveTable(
        member.endpoint.family, sharedBy: member.routers.map(RouterIndex.init(rawValue:)))
      open(member)
    }
  }

  private func open(_ member: SocketPool.Member) {
    do throws(AdvertisementSocket.Failure) { try network.sockets.open(member) } catch {
      let name = member.routers.first.map { routers[$0].name } ?? ""
      switch error {
      case .join(let error):
        let version = member.endpoint.family == .ipv4 ? "" : "V6"
        log.info(
          "(\(name)) cant do IP\(version)_ADD_MEMBERSHIP errno=\(error) (\(error.rawValue))")
      case .bind(let error):
        guard case .unicast(let source) = member.endpoint.cast else { return }
        log.info("bind unicast_src \(source) failed \(error.rawValue) - \(error)")
      case .open(let error):
        log.error("(\(name)) cannot open a VRRP socket - \(error)")
      }
    }
  }

  private func endpoint(of owner: Router) -> AdvertisementEndpoint? {
    let mapped = owner.mapped
    let router = mapped.router
    var kernelIndex = InterfaceIndex.none
    var name = ""
    if mapped.sendingInterface != .none {
      guard let link = network.interfaces[mapped.sendingInterface].link else { return nil }
      kernelIndex = link.index
      name = link.name
    }
    let cast: AdvertisementEndpoint.Cast
    if router.isUnicast {
      let found =
        network.interfaces.contains(mapped.sourceInterface)
        ? network.interfaces[mapped.sourceInterface].address(router.family) : nil
      guard let source = router.configuredSource ?? found else { return nil }
      cast = .unicast(source: source)
    } else {
      cast = .multicast(group: router.multicastGroup)
    }
    var carrier = AdvertisementEndpoint.Carrier.vrrp
    if case .header = router.authentication { carrier = .authenticationHeader }
    return AdvertisementEndpoint(
      cast: cast, carrier: carrier, interface: kernelIndex, interfaceName: name,
      vrf: mapped.instance.vrf ?? "")
  }

  private func receiveBufferShare(of index: Int) -> Int64 {
    let router = routers[index]
    if router.instance.kernelRxBufSize > 0 { return Int64(router.instance.kernelRxBufSize) }
    let globals = context.configuration.global.vrrp
    let multiplier = Int64(globals.rxBufsMultiplier)
    switch globals.rxBufsPolicy {
    case .system: return 0
    case .bytes(let bytes): return Int64(bytes)
    case .mtu: return multiplier &* Int64(network.mtu(of: router.interface))
    case .advert:
      return multiplier &* Int64(core.advertisementLength(of: RouterIndex(rawValue: index)))
    }
  }

  private var largestMTU: Int {
    let largest = routers.map { network.mtu(of: $0.interface) }.max() ?? 1500
    return Int(min(max(largest, 1500), 65535))
  }
}
