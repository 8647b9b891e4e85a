import Primitives
import Wire

/// The checks on a received advertisement, in their order (RFC 5798 7.1).
extension RouterStateMachine {
  /// What has been read of a packet.
  struct Arrival {
    var header: VRRPHeader
    var ip: IPv4Header?
    var source: IPAddress
    var destination: IPAddress?
    var hopLimit: UInt8?
    /// Where the VRRP header begins.
    var start: Int
    /// Where addresses and authentication data end.
    var end: Int
    var hasTrailer = false
  }

  /// The advertisement, if nothing is wrong with it.
  ///
  /// The number of messages is bounded: each kind is logged once until the master changes.
  mutating func check(
    _ packet: Span<UInt8>, _ metadata: ReceiveMetadata, at clock: WallClock,
    in environment: RouterEnvironment, into effects: inout [Effect]
  ) -> Advertisement? {
    guard var arrival = arrival(packet, metadata, into: &effects) else { return nil }
    guard checkLength(packet, &arrival, into: &effects) else { return nil }
    let header = arrival.header
    if !configuration.isUnicast, let hopLimit = arrival.hopLimit, hopLimit != 255 {
      statistics.ipTTLErrors &+= 1
      complain(.hopLimit(hopLimit), of: arrival.source, into: &effects)
      return nil
    }
    guard header.versionNumber == configuration.version.rawValue else {
      statistics.versionErrors &+= 1
      let expected = configuration.version
      complain(
        .version(received: header.versionNumber, expected: expected), of: arrival.source,
        into: &effects)
      return nil
    }
    guard checkTrailer(packet, arrival, at: clock, environment, into: &effects) else { return nil }
    if configuration.version == .two {
      guard checkAuthentication(packet, arrival, environment, into: &effects) else { return nil }
    }
    guard checkBody(packet, arrival, environment, into: &effects) else { return nil }

    statistics.advertisementsReceived &+= 1
    checkAddresses(packet, arrival, into: &effects)
    guard checkPeer(arrival, environment, into: &effects) else { return nil }
    if header.priority == .stop { statistics.priorityZeroReceived &+= 1 }
    let interval =
      switch configuration.version {
      case .two: configuration.advertisementInterval
      case .three: Microseconds.centiseconds(Int64(header.intervalCentiseconds))
      }
    return Advertisement(source: arrival.source, priority: header.priority, interval: interval)
  }

  /// Logs a kind of message once until the master changes.
  private mutating func complain(
    _ complaint: RouterTrace.Complaint, of source: IPAddress, into effects: inout [Effect]
  ) {
    if let flag = complaint.flag {
      guard complaints & flag == 0 else { return }
      complaints |= flag
    }
    log(.rejected(complaint, from: source), into: &effects)
  }

  /// Reads the headers. The demultiplexer has seen that they are there.
  private mutating func arrival(
    _ packet: Span<UInt8>, _ metadata: ReceiveMetadata, into effects: inout [Effect]
  ) -> Arrival? {
    var arrival: Arrival
    switch configuration.family {
    case .ipv6:
      guard let header = try? VRRPHeader(decoding: packet) else { return nil }
      arrival = Arrival(
        header: header, source: metadata.source, destination: metadata.destination,
        hopLimit: metadata.hopLimit, start: 0, end: 0)
    case .ipv4:
      guard let ip = try? IPv4Header(decoding: packet) else { return nil }
      var start = ip.headerLength
      let isAuthenticated = ip.protocolNumber == .authenticationHeader
      let source = IPAddress.ipv4(ip.source)
      guard isAuthenticated == (configuration.protocolNumber == .authenticationHeader) else {
        statistics.authenticationTypeMismatches &+= 1
        complain(
          isAuthenticated ? .authenticationHeaderUnexpected : .authenticationHeaderMissing,
          of: source, into: &effects)
        return nil
      }
      if isAuthenticated { start += AuthenticationHeader.length }
      guard start <= packet.count,
        let header = try? VRRPHeader(decoding: packet.extracting(start..<packet.count))
      else { return nil }
      arrival = Arrival(
        header: header, ip: ip, source: source, destination: .ipv4(ip.destination),
        hopLimit: ip.timeToLive, start: start, end: 0)
    }
    arrival.end = arrival.start + arrival.header.announcedLength(configuration.family)
    return arrival
  }

  /// Ethernet pads to 46 octets; raw sockets of some drivers show two of them.
  private mutating func checkLength(
    _ packet: Span<UInt8>, _ arrival: inout Arrival, into effects: inout [Effect]
  ) -> Bool {
    var expected = arrival.end
    if configuration.authHMAC != nil,
      packet.count == expected + AuthenticationTrailer.length
    {
      arrival.hasTrailer = true
      expected = packet.count
    }
    let isPadded = expected < 46 && packet.count > expected && (packet.count - expected) % 4 == 2
    if packet.count == expected || isPadded { return true }
    statistics.packetLengthErrors &+= 1
    complain(
      packet.count < expected
        ? .tooShort(received: packet.count, expected: expected)
        : .tooLong(received: packet.count, expected: expected),
      of: arrival.source, into: &effects)
    return false
  }

  private mutating func checkTrailer(
    _ packet: Span<UInt8>, _ arrival: Arrival, at clock: WallClock,
    _ environment: RouterEnvironment, into effects: inout [Effect]
  ) -> Bool {
    guard let settings = configuration.authHMAC else { return true }
    let source = arrival.source
    guard arrival.hasTrailer else {
      guard settings.mode == .enforce else { return true }
      statistics.trailersMissing &+= 1
      complain(.trailerMissing, of: source, into: &effects)
      return false
    }
    if configuration.isUnicast && !configuration.peers.contains(where: { $0.address == source }) {
      complain(.unknownPeer, of: source, into: &effects)
      return false
    }
    let tail = packet.extracting(arrival.end..<packet.count)
    guard let trailer = try? AuthenticationTrailer(decoding: tail),
      trailer.scheme == AuthenticationTrailer.scheme, trailer.reserved == 0
    else {
      statistics.trailersMalformed &+= 1
      complain(.trailerMalformed, of: source, into: &effects)
      return false
    }
    let skew = TrailerState.skew(clock.seconds, trailer.seconds)
    if case .time(let window) = settings.replayProtection, abs(Int64(skew)) > Int64(window) {
      statistics.trailersStale &+= 1
      complain(.trailerStale(skew: skew, window: window), of: source, into: &effects)
      return false
    }
    guard let key = settings.keys.first(where: { $0.id == trailer.keyID }) else {
      statistics.trailersWithUnknownKey &+= 1
      complain(.trailerUnknownKey(trailer.keyID), of: source, into: &effects)
      return false
    }
    guard
      Self.verify(
        packet, arrival, trailer, key: key.octets.span, by: environment.authenticator)
    else {
      statistics.trailersInvalid &+= 1
      complain(.trailerInvalid, of: source, into: &effects)
      return false
    }
    guard
      trailerState.accept(
        trailer.sequence, from: source, at: clock, isUnicast: configuration.isUnicast,
        settings.replayProtection)
    else {
      statistics.trailersReplayed &+= 1
      complain(.trailerReplayed, of: source, into: &effects)
      return false
    }
    if case .time(let window) = settings.replayProtection, abs(Int64(skew)) > Int64(window) / 2 {
      complain(.trailerSkewed(skew: skew, window: window), of: source, into: &effects)
    }
    return true
  }

  private static func verify(
    _ packet: Span<UInt8>, _ arrival: Arrival, _ trailer: AuthenticationTrailer,
    key: Span<UInt8>, by authenticator: any Authenticator
  ) -> Bool {
    var head = [28 of UInt8](repeating: 0)
    var headSpan = head.mutableSpan
    let advertisement = packet.extracting(arrival.start..<arrival.end)
    guard
      (try? AuthenticationTrailer.normalize(
        advertisement, source: arrival.source, into: &headSpan)) != nil
    else { return false }
    var tail = [28 of UInt8](repeating: 0)
    var tailSpan = tail.mutableSpan
    trailer.encode(into: &tailSpan)
    let code = authenticator.hmacSHA256(
      key: key, over: head.span,
      advertisement.extracting(VRRPHeader.length..<advertisement.count), tail.span)
    // Without a branch on secret octets.
    var difference: UInt8 = 0
    for index in 0..<AuthenticationTrailer.codeLength {
      difference |=
        code[index] ^ packet[arrival.end + AuthenticationTrailer.codeOffset + index]
    }
    return difference == 0
  }

  /// Version 2 (RFC 2338 7.1, RFC 3768 7.1): authentication and interval.
  private mutating func checkAuthentication(
    _ packet: Span<UInt8>, _ arrival: Arrival, _ environment: RouterEnvironment,
    into effects: inout [Effect]
  ) -> Bool {
    let header = arrival.header
    let source = arrival.source
    guard let type = AuthenticationType(rawValue: header.authenticationType) else {
      statistics.invalidAuthenticationTypes &+= 1
      complain(.authenticationTypeInvalid(header.authenticationType), of: source, into: &effects)
      return false
    }
    let expected = configuration.authenticationType
    guard type == expected else {
      statistics.authenticationTypeMismatches &+= 1
      complain(
        .authenticationTypeUnexpected(received: type.rawValue, expected: expected), of: source,
        into: &effects)
      return false
    }
    switch configuration.authentication {
    case .none: break
    case .password(let password):
      let offset = arrival.end - VRRPHeader.authenticationDataLength
      // Version 2 over IPv6 has no place for a password.
      var difference: UInt8 = configuration.family == .ipv4 ? 0 : 1
      if configuration.family == .ipv4 {
        for index in 0..<VRRPHeader.authenticationDataLength {
          difference |= password[index] ^ packet[offset + index]
        }
      }
      guard difference == 0 else {
        statistics.authenticationFailures &+= 1
        complain(.password, of: source, into: &effects)
        return false
      }
    case .header(let key):
      guard checkHeader(packet, arrival, key, environment.authenticator, into: &effects) else {
        return false
      }
    }
    let ours = configuration.advertisementInterval
    guard Int64(header.intervalSeconds) == ours.count / 1_000_000 else {
      complain(
        .intervalSeconds(ours: ours, received: header.intervalSeconds), of: source,
        into: &effects)
      return false
    }
    return true
  }

  /// The IP authentication header (RFC 2402 3.4).
  private mutating func checkHeader(
    _ packet: Span<UInt8>, _ arrival: Arrival, _ key: [8 of UInt8],
    _ authenticator: any Authenticator, into effects: inout [Effect]
  ) -> Bool {
    guard let ip = arrival.ip, packet.count >= AuthenticationHeader.normalizedLength,
      arrival.start >= AuthenticationHeader.length
    else { return false }
    let start = arrival.start - AuthenticationHeader.length
    guard let header = try? AuthenticationHeader(decoding: packet.extracting(start..<packet.count)),
      header.nextHeader == .vrrp
    else { return false }
    var head = [44 of UInt8](repeating: 0)
    var headSpan = head.mutableSpan
    let isNormal: Void? = try? AuthenticationHeader.normalize(
      packet, isUnicast: configuration.isUnicast, into: &headSpan)
    let code = authenticator.hmacMD5(
      key: key.span, over: head.span,
      packet.extracting(AuthenticationHeader.normalizedLength..<packet.count))
    var difference: UInt8 = isNormal == nil ? 1 : 0
    for index in 0..<AuthenticationHeader.integrityCheckValueLength {
      difference |=
        code[index] ^ packet[start + AuthenticationHeader.integrityCheckValueOffset + index]
    }
    var complaint: RouterTrace.Complaint?
    if difference != 0 {
      complaint = .integrityCheckValue
    } else if header.securityParametersIndex != ip.source.bits {
      complaint = .securityParametersIndex(
        source: ip.source, received: header.securityParametersIndex)
    } else if header.sequenceNumber <= receivedSequenceNumber
      || header.sequenceNumber < sequenceNumber
    {
      // A number that we have sent ourselves, but not seen, is new: two MASTERs that count in step
      // would else never hear each other.
      complaint = .sequenceNumber(received: header.sequenceNumber, last: sequenceNumber)
    }
    if let complaint {
      statistics.authenticationFailures &+= 1
      complain(complaint, of: arrival.source, into: &effects)
      return false
    }
    receivedSequenceNumber = header.sequenceNumber
    sequenceNumber = header.sequenceNumber
    return true
  }

  private mutating func checkBody(
    _ packet: Span<UInt8>, _ arrival: Arrival, _ environment: RouterEnvironment,
    into effects: inout [Effect]
  ) -> Bool {
    let header = arrival.header
    let source = arrival.source
    guard header.type == VRRPHeader.advertisementType else {
      statistics.invalidTypesReceived &+= 1
      complain(.type(header.type), of: source, into: &effects)
      return false
    }
    if let ip = arrival.ip {
      let total = Int(ip.totalLength)
      let isPadded =
        packet.count <= 46 && total < packet.count && (packet.count - total) % 4 == 2
      guard total == packet.count || isPadded else {
        statistics.packetLengthErrors &+= 1
        complain(
          .totalLength(announced: ip.totalLength, received: packet.count), of: source,
          into: &effects)
        return false
      }
    }
    if configuration.version == .three {
      let ours = configuration.advertisementInterval
      if Int64(header.intervalCentiseconds) != ours.count / 10_000 {
        complain(
          .intervalCentiseconds(ours: ours, received: header.intervalCentiseconds), of: source,
          into: &effects)
      }
    }
    guard checkChecksum(packet, arrival, environment.options, into: &effects) else {
      statistics.checksumErrors &+= 1
      complain(.checksum(configuration.version), of: source, into: &effects)
      return false
    }
    if let destination = arrival.destination, destination.isMulticast == configuration.isUnicast {
      statistics.addressListErrors &+= 1
      complain(
        .destination(isMulticastExpected: !configuration.isUnicast), of: source, into: &effects)
      return false
    }
    if configuration.ownerIgnoreAdverts && effectivePriority == .owner {
      complain(.owner, of: source, into: &effects)
      return false
    }
    return true
  }

  /// Over IPv6 the kernel has checked it.
  private mutating func checkChecksum(
    _ packet: Span<UInt8>, _ arrival: Arrival, _ options: ProtocolOptions,
    into effects: inout [Effect]
  ) -> Bool {
    guard let ip = arrival.ip else { return true }
    var plain = InternetChecksum()
    plain.add(packet.extracting(arrival.start..<arrival.end))
    if configuration.version == .two { return plain.isValid }
    let length = arrival.end - arrival.start
    func isValid(to destination: IPv4Address) -> Bool {
      var sum = plain
      sum.addPseudoHeader(
        source: .ipv4(ip.source), destination: .ipv4(destination), protocolNumber: .vrrp,
        length: length)
      return sum.isValid
    }
    if configuration.v3ChecksumAsV2 { return plain.isValid || isValid(to: ip.destination) }
    guard configuration.isUnicast else { return isValid(to: ip.destination) }
    switch configuration.unicastChecksum {
    case .standard: return isValid(to: ip.destination)
    case .old: return isValid(to: options.multicastGroup)
    case .automatic:
      if isValid(to: ip.destination) { return true }
      guard ip.destination != options.multicastGroup, isValid(to: options.multicastGroup) else {
        return false
      }
      if !hasDetectedOldChecksum {
        hasDetectedOldChecksum = true
        log(.oldChecksumDetected, into: &effects)
      }
      return true
    }
  }

  /// Differences are counted and logged; they reject nothing.
  private mutating func checkAddresses(
    _ packet: Span<UInt8>, _ arrival: Arrival, into effects: inout [Effect]
  ) {
    let count = configuration.addresses.count
    guard Int(arrival.header.addressCount) == count else {
      statistics.addressListErrors &+= 1
      complain(
        .addressCount(expected: count, received: arrival.header.addressCount),
        of: arrival.source, into: &effects)
      return
    }
    if state == .backup && configuration.skipCheckAdvAddr && master == arrival.source { return }
    let family = configuration.family
    func received(_ index: Int) -> IPAddress {
      packet.address(at: arrival.start + VRRPHeader.addressOffset(index, family), family)
    }
    for index in 0..<count {
      let address = configuration.addresses[index].address
      if received(index) == address { continue }
      if (0..<count).contains(where: { received($0) == address }) { continue }
      statistics.addressListErrors &+= 1
      complain(
        .addressMissing(configuration.virtualRouterID, address), of: arrival.source,
        into: &effects)
      return
    }
  }

  private mutating func checkPeer(
    _ arrival: Arrival, _ environment: RouterEnvironment, into effects: inout [Effect]
  ) -> Bool {
    guard configuration.isUnicast,
      configuration.checkUnicastSrc || environment.options.vrrpCheckUnicastSrc
        || configuration.peers.contains(where: \.limitsTTL)
    else { return true }
    guard let index = configuration.peers.firstIndex(where: { $0.address == arrival.source })
    else {
      complain(.unknownPeer, of: arrival.source, into: &effects)
      return false
    }
    let peer = configuration.peers[index]
    guard peer.limitsTTL, let hopLimit = arrival.hopLimit else { return true }
    guard peer.acceptedTTL.contains(hopLimit) else {
      statistics.ipTTLErrors &+= 1
      complain(
        .hopLimitOfPeer(hopLimit, accepted: peer.acceptedTTL), of: arrival.source,
        into: &effects)
      return false
    }
    return true
  }
}
