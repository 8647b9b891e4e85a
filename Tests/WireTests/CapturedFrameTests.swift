import Primitives
import Testing
import VRRPTestSupport
import Wire

@Suite("Captured frames")
struct CapturedFrameTests {
  @Test(
    "A captured advertisement decodes and encodes to the same octets",
    arguments: CapturedFrames.advertisements)
  func advertisement(frame: Frame) throws {
    let packet = frame.packet
    var copy = [UInt8](repeating: 0xaa, count: packet.count)
    var start = 40
    let family: AddressFamily = frame.isIPv6 ? .ipv6 : .ipv4
    var isAuthenticated = false
    if frame.isIPv6 {
      for index in 0..<40 { copy[index] = packet[index] }
    } else {
      let ip = try IPv4Header(decoding: packet.span)
      #expect(ip.typeOfService == IPv4Header.internetworkControl)
      #expect(Int(ip.totalLength) == packet.count)
      start = ip.headerLength
      isAuthenticated = ip.protocolNumber == .authenticationHeader
      var span = copy.mutableSpan
      ip.encode(into: &span)
    }
    if isAuthenticated {
      let header = try AuthenticationHeader(
        decoding: packet.span.extracting(start..<packet.count))
      var span = copy.mutableSpan
      header.encode(into: &span, at: start)
      let code = start + AuthenticationHeader.integrityCheckValueOffset
      for index in code..<code + AuthenticationHeader.integrityCheckValueLength {
        #expect(span[index] == 0)
        span[index] = packet[index]
      }
      start += AuthenticationHeader.length
    }
    let header = try VRRPHeader(decoding: packet.span.extracting(start..<packet.count))
    let end = start + header.announcedLength(family)
    var span = copy.mutableSpan
    header.encode(into: &span, at: start)
    for index in 0..<Int(header.addressCount) {
      let offset = start + VRRPHeader.addressOffset(index, family)
      span.store(packet.span.address(at: offset, family), at: offset)
    }
    let data = VRRPHeader.authenticationDataLength(header.versionNumber, family)
    span.store(packet.span.extracting(end - data..<end), at: end - data)
    if packet.count > end {
      let trailer = try AuthenticationTrailer(
        decoding: packet.span.extracting(end..<packet.count))
      trailer.encode(into: &span, at: end)
      let code = end + AuthenticationTrailer.codeOffset
      span.store(packet.span.extracting(code..<packet.count), at: code)
    }
    #expect(copy == packet)
  }

  @Test(
    "A captured ARP request decodes and encodes to the same octets",
    arguments: CapturedFrames.requests)
  func request(frame: Frame) throws {
    let request = try GratuitousARP(decoding: frame.octets.span)
    var copy = [UInt8](repeating: 0, count: GratuitousARP.length)
    var span = copy.mutableSpan
    request.encode(into: &span)
    #expect(copy == frame.octets)
  }

  @Test(
    "A captured neighbour advertisement decodes and encodes to the same octets",
    arguments: CapturedFrames.neighborAdvertisements)
  func neighborAdvertisement(frame: Frame) throws {
    let advertisement = try UnsolicitedNeighborAdvertisement(decoding: frame.octets.span)
    #expect(advertisement.isRouter == (frame.name == "unsolicited_na_router"))
    var copy = [UInt8](repeating: 0, count: UnsolicitedNeighborAdvertisement.length)
    var span = copy.mutableSpan
    advertisement.encode(into: &span)
    #expect(copy == frame.octets)
  }

  @Test("Any beginning of a frame is refused or decoded, never trapped over")
  func truncation() {
    let frames =
      CapturedFrames.advertisements + CapturedFrames.requests
      + CapturedFrames.neighborAdvertisements + CapturedFrames.crafted
    for frame in frames {
      for count in 0..<frame.octets.count {
        let octets = frame.octets.span.extracting(0..<count)
        _ = try? IPv4Header(decoding: octets)
        _ = try? VRRPHeader(decoding: octets)
        _ = try? AuthenticationHeader(decoding: octets)
        _ = try? AuthenticationTrailer(decoding: octets)
        #expect(throws: DecodeError.self) { try GratuitousARP(decoding: octets) }
        #expect(throws: DecodeError.self) { try UnsolicitedNeighborAdvertisement(decoding: octets) }
      }
    }
  }
}
