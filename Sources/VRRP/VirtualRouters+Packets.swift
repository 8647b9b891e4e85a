package import Primitives
import Wire

/// Advertisements in and out.
extension VirtualRouters {
  /// A packet from a socket: finds the virtual router and lets it react.
  package mutating func receive(
    _ packet: Span<UInt8>, from metadata: ReceiveMetadata, on table: ReceiveTable,
    at now: Instant, wallClock: WallClock, into effects: inout [Effect]
  ) -> Reception {
    if environment.delayedUntil != nil { return .ignored }
    guard let (id, source) = Self.identify(packet, metadata, table.family) else {
      let isAuthenticated =
        table.family == .ipv4 && packet.count > 9
        && packet[9] == IPProtocol.authenticationHeader.rawValue
      let trace = RouterTrace.Process.packetTooShort(
        table.family, hasAuthenticationHeader: isAuthenticated, octets: packet.count)
      effects.append(.process(.log(.process(trace))))
      return .malformed
    }
    guard let router = select(id, source, table) else {
      if environment.options.logUnknownVRIDs {
        let isShared = !table.routers(id).isEmpty
        let trace = RouterTrace.Process.unknownVirtualRouter(
          id, metadata.interface, source: isShared ? source : nil)
        effects.append(.process(.log(.process(trace))))
      }
      return .ignored
    }
    var metadata = metadata
    metadata.source = source
    receive(
      packet, from: metadata, on: router, at: now, wallClock: wallClock, into: &effects)
    return .processed(id)
  }

  /// VRID and source of a packet that has the headers.
  private static func identify(
    _ packet: Span<UInt8>, _ metadata: ReceiveMetadata, _ family: AddressFamily
  ) -> (VirtualRouterID, IPAddress)? {
    switch family {
    case .ipv6:
      guard packet.count >= VRRPHeader.length else { return nil }
      return (VirtualRouterID(rawValue: packet[1]), metadata.source)
    case .ipv4:
      guard let ip = try? IPv4Header(decoding: packet) else { return nil }
      var start = ip.headerLength
      if ip.protocolNumber == .authenticationHeader { start += AuthenticationHeader.length }
      guard packet.count >= start + VRRPHeader.length else { return nil }
      return (VirtualRouterID(rawValue: packet[start + 1]), .ipv4(ip.source))
    }
  }

  private func select(
    _ id: VirtualRouterID, _ source: IPAddress, _ table: ReceiveTable
  ) -> RouterIndex? {
    let candidates = table.routers(id)
    if candidates.count < 2 {
      return candidates.first.flatMap { routers.indices.contains($0.rawValue) ? $0 : nil }
    }
    let known = candidates.filter { routers.indices.contains($0.rawValue) }
    return known.first { routers[$0.rawValue].master == source }
      ?? known.first { candidate in
        routers[candidate.rawValue].configuration.peers.contains { $0.address == source }
      }
  }

  /// A packet for one virtual router.
  package mutating func receive(
    _ packet: Span<UInt8>, from metadata: ReceiveMetadata, on router: RouterIndex,
    at now: Instant, wallClock: WallClock, into effects: inout [Effect]
  ) {
    let index = router.rawValue
    guard routers.indices.contains(index), environment.delayedUntil == nil else { return }
    let state = routers[index].state
    guard state == .backup || state == .master else { return }
    if routers[index].configuration.family == .ipv6, let destination = metadata.destination,
      destination.isMulticast == routers[index].configuration.isUnicast
    {
      routers[index].log(.kindMismatch(isMulticast: destination.isMulticast), into: &effects)
      return
    }
    guard
      let advertisement = routers[index].check(
        packet, metadata, at: wallClock, in: environment, into: &effects)
    else { return }
    if state == .backup {
      routers[index].receiveAsBackup(advertisement, at: now, in: environment, into: &effects)
    } else {
      let reaction = routers[index].receiveAsMaster(
        advertisement, at: now, in: &environment, into: &effects)
      switch reaction {
      case .none: break
      case .yielded: syncToBackup(after: index, at: now, into: &effects)
      case .defended:
        for member in membersAround(index) where member.rawValue != index {
          routers[member.rawValue].announceOverLowerPriority(
            at: now, in: &environment, into: &effects)
        }
        routers[index].emit(
          .notifyLowerPriority(routers[index].effectivePriority), into: &effects)
      }
    }
    publishDeadlines(around: index, into: &effects)
  }

  /// Octets that the advertisements of a virtual router have.
  package func advertisementLength(of router: RouterIndex) -> Int {
    guard routers.indices.contains(router.rawValue) else { return 0 }
    return routers[router.rawValue].template.octets.count
  }

  /// Completes the router's advertisement and lends it: IPv4 with, IPv6 without the IP header. An
  /// empty span: the router is unknown.
  package mutating func withAdvertisement<Result>(
    _ stamp: AdvertisementStamp, of router: RouterIndex, to destination: IPAddress,
    wallClock: WallClock, _ body: (Span<UInt8>) -> Result
  ) -> Result {
    let index = router.rawValue
    guard routers.indices.contains(index) else {
      let nothing: [UInt8] = []
      return body(nothing.span)
    }
    routers[index].completeAdvertisement(
      stamp, to: destination, at: wallClock, in: environment)
    return routers[index].lendAdvertisement(body)
  }

  /// Writes the router's advertisement and returns its length; 0 if it does not fit.
  package mutating func encodeAdvertisement(
    _ stamp: AdvertisementStamp, of router: RouterIndex, to destination: IPAddress,
    wallClock: WallClock, into packet: inout MutableSpan<UInt8>
  ) -> Int {
    let length = advertisementLength(of: router)
    guard length > 0, packet.count >= length else { return 0 }
    let index = router.rawValue
    routers[index].completeAdvertisement(
      stamp, to: destination, at: wallClock, in: environment)
    routers[index].template.copy(into: &packet)
    return length
  }
}

extension RouterStateMachine {
  fileprivate mutating func completeAdvertisement(
    _ stamp: AdvertisementStamp, to destination: IPAddress, at clock: WallClock,
    in environment: RouterEnvironment
  ) {
    template.update(stamp, to: destination, at: clock, configuration, &trailerState, environment)
  }

  fileprivate func lendAdvertisement<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    body(template.octets.span)
  }
}
