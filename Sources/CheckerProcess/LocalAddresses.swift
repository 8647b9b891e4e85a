import EventLoop
import Kernel
import Logging
import Primitives
import SystemIO

/// The addresses of this machine, for `ha_suspend`.
final class LocalAddresses: ReadinessHandler {
  private struct Place: Hashable {
    var address: IPAddress
    var interface: InterfaceIndex
  }

  private let loop: EventLoop
  private let log: Log
  private let changed: (IPAddress, Bool) -> Void
  private var monitor: NetlinkMonitor?
  private var places: Set<Place> = []

  /// `changed` is told each address that comes to an interface or leaves it.
  init(loop: EventLoop, log: Log, changed: @escaping (IPAddress, Bool) -> Void) {
    self.loop = loop
    self.log = log
    self.changed = changed
  }

  /// On how many interfaces each address is.
  var counts: [IPAddress: Int] {
    places.reduce(into: [:]) { $0[$1.address, default: 0] += 1 }
  }

  /// Reads what is there and hears of each change; again does nothing.
  func listen() throws(Errno) {
    if monitor != nil { return }
    let monitor = try NetlinkMonitor(groups: NetworkEvent.groups)
    // Listening first: nothing is missed between the two.
    places = try Self.read()
    _ = try loop.watch(monitor.descriptor, self)
    self.monitor = monitor
  }

  private static func read() throws(Errno) -> Set<Place> {
    let channel = try NetlinkChannel()
    let all = try channel.addresses(.ipv4) + channel.addresses(.ipv6)
    return Set(all.map { Place(address: $0.address, interface: $0.interface) })
  }

  func ready(_ readiness: Readiness, token: Int) {
    // A bounded number of datagrams a turn.
    for _ in 0..<64 {
      do throws(NetlinkMonitor.Failure) {
        guard let messages = try monitor?.receive() else { return }
        for message in messages {
          if let event = NetworkEvent(message) { take(event) }
        }
      } catch {
        log.info("Netlink: messages about addresses were lost - reading them anew")
        readAnew()
        return
      }
    }
  }

  private func take(_ event: NetworkEvent) {
    switch event {
    case .address(let address):
      let place = Place(address: address.address, interface: address.interface)
      if places.insert(place).inserted { changed(place.address, true) }
    case .addressDeleted(let address):
      let place = Place(address: address.address, interface: address.interface)
      if places.remove(place) != nil { changed(place.address, false) }
    case .link, .linkDeleted, .route, .routeDeleted, .ruleDeleted: break
    }
  }

  private func readAnew() {
    guard let now = try? Self.read() else { return }
    let gone = places.subtracting(now)
    let new = now.subtracting(places)
    places = now
    for place in new { changed(place.address, true) }
    for place in gone { changed(place.address, false) }
  }
}
