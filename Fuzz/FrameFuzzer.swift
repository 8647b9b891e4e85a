import Primitives
import Wire

/// Any octets as each kind of header and frame: what can be read is written again as it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  checkIPv4(bytes)
  checkVRRP(bytes)
  checkAuthentication(bytes)
  checkARP(bytes)
  checkNeighborAdvertisement(bytes)
  checkBFD(bytes)
  return 0
}

private func checkIPv4(_ bytes: [UInt8]) {
  guard let header = try? IPv4Header(decoding: bytes.span) else { return }
  precondition(header.headerLength <= bytes.count)
  // Options are not kept: only the fixed part comes back.
  var copy = bytes
  var span = copy.mutableSpan
  header.encode(into: &span)
  precondition(copy.dropFirst() == bytes.dropFirst(), "another IPv4 header")
  precondition(copy[0] == 0x45)
}

private func checkVRRP(_ bytes: [UInt8]) {
  guard let header = try? VRRPHeader(decoding: bytes.span) else { return }
  var copy = [UInt8](repeating: 0xaa, count: bytes.count)
  var span = copy.mutableSpan
  header.encode(into: &span)
  precondition(copy.prefix(VRRPHeader.length) == bytes.prefix(VRRPHeader.length))
  for family in [AddressFamily.ipv4, .ipv6] {
    let length = header.announcedLength(family)
    precondition(length >= VRRPHeader.length && length <= 8 + 255 * 16 + 8)
  }
}

private func checkAuthentication(_ bytes: [UInt8]) {
  if let header = try? AuthenticationHeader(decoding: bytes.span) {
    var copy = bytes
    var span = copy.mutableSpan
    header.encode(into: &span)
    let value = AuthenticationHeader.integrityCheckValueOffset
    precondition(copy.prefix(value) == bytes.prefix(value))
    precondition(copy[value..<AuthenticationHeader.length].allSatisfy { $0 == 0 })
    precondition(
      copy.dropFirst(AuthenticationHeader.length) == bytes.dropFirst(AuthenticationHeader.length))
  }
  if let trailer = try? AuthenticationTrailer(decoding: bytes.span) {
    var copy = bytes
    var span = copy.mutableSpan
    trailer.encode(into: &span)
    let code = AuthenticationTrailer.codeOffset
    precondition(copy.prefix(code) == bytes.prefix(code))
    precondition(copy[code..<AuthenticationTrailer.length].allSatisfy { $0 == 0 })
  }
  var input = [UInt8](repeating: 0, count: AuthenticationHeader.normalizedLength)
  var span = input.mutableSpan
  for isUnicast in [false, true] {
    try? AuthenticationHeader.normalize(bytes.span, isUnicast: isUnicast, into: &span)
  }
  for source in [IPAddress.ipv4(.any), .ipv6(IPv6Address(high: 1, low: 2))] {
    var head = [UInt8](repeating: 0, count: AuthenticationTrailer.headLength)
    var span = head.mutableSpan
    try? AuthenticationTrailer.normalize(bytes.span, source: source, into: &span)
  }
}

private func checkARP(_ bytes: [UInt8]) {
  guard let request = try? GratuitousARP(decoding: bytes.span) else { return }
  var copy = [UInt8](repeating: 0, count: GratuitousARP.length)
  var span = copy.mutableSpan
  request.encode(into: &span)
  precondition((try? GratuitousARP(decoding: copy.span)) == request)
}

private func checkNeighborAdvertisement(_ bytes: [UInt8]) {
  guard let message = try? UnsolicitedNeighborAdvertisement(decoding: bytes.span) else { return }
  var copy = [UInt8](repeating: 0, count: UnsolicitedNeighborAdvertisement.length)
  var span = copy.mutableSpan
  message.encode(into: &span)
  precondition((try? UnsolicitedNeighborAdvertisement(decoding: copy.span)) == message)
}

private func checkBFD(_ bytes: [UInt8]) {
  guard let packet = try? BFDControlPacket(decoding: bytes.span) else { return }
  var copy = [UInt8](repeating: 0xaa, count: BFDControlPacket.length)
  var span = copy.mutableSpan
  packet.encode(into: &span)
  precondition(copy[...] == bytes.prefix(BFDControlPacket.length), "another BFD packet")
}
