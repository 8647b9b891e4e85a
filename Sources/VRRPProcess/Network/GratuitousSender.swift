import Kernel
import Logging
import Primitives
import SystemIO
import Wire

/// Sends gratuitous ARP and unsolicited neighbour advertisements.
final class GratuitousSender {
  private let edge: any NetworkEdge
  private let interfaces: InterfaceTable
  private let log: Log
  /// Whether an interface forwards IPv6, and when that was read.
  private var forwarding: [InterfaceIndex: (value: Bool, readAt: Instant)] = [:]
  private static let forwardingAge = Microseconds.seconds(5)

  init(edge: any NetworkEdge, interfaces: InterfaceTable, log: Log) {
    self.edge = edge
    self.interfaces = interfaces
    self.log = log
  }

  func send(_ address: IPAddress, on interface: InterfaceIndex, at now: Instant) {
    guard interfaces.contains(interface), let link = interfaces[interface].link,
      let sender = link.address
    else { return }
    switch address {
    case .ipv4(let address):
      var frame = [42 of UInt8](repeating: 0)
      var span = frame.mutableSpan
      GratuitousARP(
        address: address, sender: sender, broadcast: link.broadcast ?? .broadcast
      ).encode(into: &span)
      transmit(frame.span, link)
    case .ipv6(let address):
      var frame = [86 of UInt8](repeating: 0)
      var span = frame.mutableSpan
      UnsolicitedNeighborAdvertisement(
        address: address, sender: sender, isRouter: forwards(interface, at: now)
      ).encode(into: &span)
      transmit(frame.span, link)
    }
  }

  private func transmit(_ frame: Span<UInt8>, _ link: NetworkInterface) {
    do throws(Errno) { try edge.send(frame, on: link.index) } catch {
      // The interface may have gone this moment; its own event follows.
      if error != .networkDown && error != .noDevice {
        log.info("Error sending gratuitous message on \(link.name) - \(error)")
      }
    }
  }

  private func forwards(_ interface: InterfaceIndex, at now: Instant) -> Bool {
    if let known = forwarding[interface], now - known.readAt < Self.forwardingAge {
      return known.value
    }
    let name = interfaces.name(interfaces.base(of: interface))
    let value = FileSystem.line(of: "/proc/sys/net/ipv6/conf/\(name)/forwarding") == "1"
    forwarding[interface] = (value, now)
    return value
  }
}
