package import Primitives
import Wire

/// The advertisement of one virtual router as octets, of which little changes from one to the next.
///
/// The checksum is the sum of the unchanging part, computed once, plus the few words that change,
/// so it is right for every peer and every source address.
struct AdvertisementTemplate {
  /// IPv4: with the IP header. IPv6: the kernel makes that.
  private(set) var octets: [UInt8]
  /// Where the VRRP header begins.
  private let start: Int
  /// Octets of header, addresses and authentication data.
  private let length: Int
  private let hasTrailer: Bool
  /// Over the advertisement with priority and checksum zero.
  private var sum = InternetChecksum()
  /// The advertisement that the trailer in `octets` is of.
  private var signed: AdvertisementStamp?

  init(_ configuration: RouterConfiguration) {
    let family = configuration.family
    var start = family == .ipv4 ? IPv4Header.length : 0
    var authenticationData: [8 of UInt8]?
    switch configuration.authentication {
    case .none: break
    case .password(let password): authenticationData = password
    case .header: start += family == .ipv4 ? AuthenticationHeader.length : 0
    }
    // The count is one octet (RFC 5798 5.2.5); the configuration has moved surplus ones away.
    let addresses = configuration.addresses.prefix(255)
    let addressLength = addresses.count * family.addressLength
    let dataLength = VRRPHeader.authenticationDataLength(configuration.version.rawValue, family)
    let length = VRRPHeader.length + addressLength + dataLength
    hasTrailer = configuration.authHMAC?.sends ?? false
    var octets = [UInt8](
      repeating: 0,
      count: start + length + (hasTrailer ? AuthenticationTrailer.length : 0))

    let header = VRRPHeader(
      version: configuration.version, virtualRouterID: configuration.virtualRouterID,
      priority: .stop, addressCount: UInt8(addresses.count), interval: Self.interval(configuration))
    var span = octets.mutableSpan
    header.encode(into: &span, at: start)
    for (index, address) in addresses.enumerated() where address.address.family == family {
      span.store(address.address, at: start + VRRPHeader.addressOffset(index, family))
    }
    if dataLength > 0, let authenticationData {
      span.store(authenticationData.span, at: start + length - dataLength)
    }
    sum.add(octets.span.extracting(start..<start + length))
    self.start = start
    self.length = length
    self.octets = octets
  }

  func copy(into packet: inout MutableSpan<UInt8>) { packet.store(octets.span, at: 0) }

  /// Octets 4 and 5 of the header.
  private static func interval(_ configuration: RouterConfiguration) -> UInt16 {
    switch configuration.version {
    case .two:
      let seconds = configuration.advertisementInterval / 1_000_000
      return UInt16(configuration.authenticationType.rawValue) << 8
        | UInt16(UInt8(clamping: seconds.count))
    case .three:
      let centiseconds = configuration.advertisementInterval / 10_000
      return UInt16(clamping: min(max(centiseconds.count, 0), 0xfff))
    }
  }

  /// Completes the packet for one destination.
  mutating func update(
    _ stamp: AdvertisementStamp, to destination: IPAddress, at clock: WallClock,
    _ configuration: RouterConfiguration, _ trailerState: inout TrailerState,
    _ environment: RouterEnvironment
  ) {
    octets[start + 2] = stamp.priority.rawValue
    if hasTrailer && signed != stamp {
      signed = stamp
      sign(stamp, at: clock, configuration, &trailerState, environment.authenticator)
    }
    let checksum = checksum(stamp, to: destination, configuration, environment.options)
    let place = start + VRRPHeader.checksumOffset
    octets[place] = UInt8(truncatingIfNeeded: checksum >> 8)
    octets[place + 1] = UInt8(truncatingIfNeeded: checksum)
    guard case .ipv4(let source) = stamp.source, case .ipv4(let destination) = destination else {
      return
    }
    let header = IPv4Header(
      totalLength: UInt16(clamping: octets.count), identification: stamp.identification,
      timeToLive: configuration.isUnicast ? configuration.unicastTTL ?? 255 : 255,
      protocolNumber: configuration.protocolNumber, source: source, destination: destination)
    do {
      var span = octets.mutableSpan
      header.encode(into: &span)
    }
    guard case .header(let key) = configuration.authentication else { return }
    authenticate(
      stamp, source, key, isUnicast: configuration.isUnicast, environment.authenticator)
  }

  private func checksum(
    _ stamp: AdvertisementStamp, to destination: IPAddress,
    _ configuration: RouterConfiguration, _ options: ProtocolOptions
  ) -> UInt16 {
    var sum = sum
    sum.add(UInt16(stamp.priority.rawValue) << 8)
    switch (configuration.family, configuration.version) {
    case (.ipv4, .two): break
    case (.ipv4, .three):
      // RFC 9568 5.2.8 has no pseudo header over IPv4; RFC 5798 5.2.8 is what is spoken.
      if configuration.v3ChecksumAsV2 { break }
      let isOld = configuration.isUnicast && configuration.unicastChecksum == .old
      sum.addPseudoHeader(
        source: stamp.source, destination: isOld ? .ipv4(options.multicastGroup) : destination,
        protocolNumber: .vrrp, length: length)
    case (.ipv6, .two), (.ipv6, .three):
      // The kernel computes it too, and its sum covers the trailer.
      sum.addPseudoHeader(
        source: stamp.source, destination: destination, protocolNumber: .vrrp,
        length: octets.count)
      if hasTrailer { sum.add(octets.span.extracting((start + length)..<octets.count)) }
    }
    return sum.value
  }

  /// One signature for all copies of an advertisement: the destination is not covered.
  private mutating func sign(
    _ stamp: AdvertisementStamp, at clock: WallClock, _ configuration: RouterConfiguration,
    _ trailerState: inout TrailerState, _ authenticator: any Authenticator
  ) {
    guard let settings = configuration.authHMAC else { return }
    let trailer = AuthenticationTrailer(
      keyID: settings.activeKey,
      sequence: trailerState.next(clock, settings.replayProtection))
    let end = start + length
    do {
      var span = octets.mutableSpan
      trailer.encode(into: &span, at: end)
    }
    guard let key = settings.keys.first(where: { $0.id == settings.activeKey }) else { return }
    guard let code = Self.code(octets.span, start, end, key, stamp.source, authenticator) else {
      return
    }
    for index in 0..<AuthenticationTrailer.codeLength {
      octets[end + AuthenticationTrailer.codeOffset + index] = code[index]
    }
  }

  private static func code(
    _ packet: Span<UInt8>, _ start: Int, _ end: Int, _ key: AuthHMAC.Key,
    _ source: IPAddress, _ authenticator: any Authenticator
  ) -> [32 of UInt8]? {
    var head = [28 of UInt8](repeating: 0)
    var headSpan = head.mutableSpan
    let advertisement = packet.extracting(start..<end)
    guard
      (try? AuthenticationTrailer.normalize(advertisement, source: source, into: &headSpan)) != nil
    else { return nil }
    return authenticator.hmacSHA256(
      key: key.octets.span, over: head.span,
      advertisement.extracting(VRRPHeader.length..<advertisement.count),
      packet.extracting(end..<packet.count))
  }

  private mutating func authenticate(
    _ stamp: AdvertisementStamp, _ source: IPv4Address, _ key: [8 of UInt8], isUnicast: Bool,
    _ authenticator: any Authenticator
  ) {
    // The index is the source address of this very packet, so that receivers find them equal.
    let header = AuthenticationHeader(
      securityParametersIndex: source.bits, sequenceNumber: stamp.sequenceNumber)
    do {
      var span = octets.mutableSpan
      header.encode(into: &span, at: IPv4Header.length)
    }
    guard let code = Self.code(octets.span, key, isUnicast: isUnicast, authenticator) else {
      return
    }
    let offset = IPv4Header.length + AuthenticationHeader.integrityCheckValueOffset
    for index in 0..<AuthenticationHeader.integrityCheckValueLength {
      octets[offset + index] = code[index]
    }
  }
  private static func code(
    _ packet: Span<UInt8>, _ key: [8 of UInt8], isUnicast: Bool,
    _ authenticator: any Authenticator
  ) -> [16 of UInt8]? {
    var head = [44 of UInt8](repeating: 0)
    var headSpan = head.mutableSpan
    guard
      (try? AuthenticationHeader.normalize(packet, isUnicast: isUnicast, into: &headSpan)) != nil
    else { return nil }
    return authenticator.hmacMD5(
      key: key.span, over: head.span,
      packet.extracting(AuthenticationHeader.normalizedLength..<packet.count))
  }
}

/// What is particular to one advertisement of a virtual router. All unicast copies share it.
package struct AdvertisementStamp: Hashable, Sendable {
  package var priority: Priority
  /// The identification in the IPv4 header.
  package var identification: UInt16
  /// The sequence number in the authentication header.
  package var sequenceNumber: UInt32
  package var source: IPAddress

  package init(
    priority: Priority, identification: UInt16, sequenceNumber: UInt32, source: IPAddress
  ) {
    self.priority = priority
    self.identification = identification
    self.sequenceNumber = sequenceNumber
    self.source = source
  }
}
