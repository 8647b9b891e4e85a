import Configuration
import EventLoop
import Logging
import Primitives
import ProcessFrame
import SystemIO
import VRRP

/// Adverts and gratuitous messages on their way out, adverts on their way in.
extension VRRPProcess {
  // MARK: Sending

  func send(_ stamp: AdvertisementStamp, of index: Int) {
    let router = routers[index]
    guard let port = router.member?.socket else { return }
    if router.configuration.peers.isEmpty {
      transmit(stamp, of: index, to: router.configuration.multicastGroup, port)
    } else {
      // An address of our own among them would have us answer ourselves.
      for peer in router.configuration.peers where peer.address != stamp.source {
        transmit(stamp, of: index, to: peer.address, port)
      }
    }
  }

  private func transmit(
    _ stamp: AdvertisementStamp, of index: Int, to destination: IPAddress,
    _ port: any AdvertisementPort
  ) {
    let hopLimit = routers[index].configuration.unicastTTL
    let isMulticast = port.endpoint.isMulticast
    let failure: Errno? = core.withAdvertisement(
      stamp, of: RouterIndex(rawValue: index), to: destination, wallClock: .now
    ) { packet in
      do throws(Errno) {
        switch (destination, stamp.source) {
        case (.ipv4(let destination), _): try port.send(ipv4: packet, to: destination)
        case (.ipv6(let destination), .ipv6(let source)):
          try port.send(
            ipv6: packet, to: destination, from: source, hopLimit: isMulticast ? nil : hopLimit)
        case (.ipv6, .ipv4): break
        }
        return nil
      } catch { return error }
    }
    report(failure, of: routers[index], stamp.priority, destination, isMulticast: isMulticast)
  }

  private func report(
    _ error: Errno?, of router: Router, _ priority: Priority, _ destination: IPAddress,
    isMulticast: Bool
  ) {
    defer { router.lastSendError = error }
    guard let error, error != router.lastSendError else { return }
    if priority == .stop && error == .networkUnreachable { return }
    log.info(
      isMulticast
        ? "(\(router.name)): send advert error \(error.rawValue) (\(error))"
        : "(\(router.name)) Cant send advert to \(destination) (\(error))")
  }

  func announce(_ reference: AddressReference, of index: Int) {
    let mapped = routers[index].mapped
    if reference == .source {
      guard let source = core.routers[index].source else { return }
      network.gratuitous.send(source, on: mapped.interface, at: loop.now)
    } else if let placed = mapped.placed(reference) {
      network.gratuitous.send(placed.line.address, on: placed.interface, at: loop.now)
    }
  }

  // MARK: Receiving

  func received(
    on member: SocketPool.Member, _ packet: Span<UInt8>, _ envelope: DatagramBatch.Envelope
  ) {
    guard let source = envelope.source, let table = member.receiveTable else { return }
    let metadata = ReceiveMetadata(
      source: source, destination: envelope.destination.map { .ipv6($0) },
      hopLimit: envelope.hopLimit,
      interface: network.interfaces.number(named: member.endpoint.interfaceName))
    _ = core.receive(
      packet, from: metadata, on: table, at: loop.now, wallClock: .now, into: &effects.pending)
    perform()
  }
}

extension WallClock {
  /// The time that other hosts compare with theirs.
  fileprivate static var now: WallClock {
    let wall = Clock.wall
    return WallClock(
      seconds: UInt32(truncatingIfNeeded: wall.seconds), nanoseconds: UInt32(wall.nanoseconds))
  }
}
