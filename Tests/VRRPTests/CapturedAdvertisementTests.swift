import Primitives
import Testing
import VRRP
import VRRPTestSupport
import Wire

@Suite("Captured advertisements")
struct CapturedAdvertisementTests {
  static let frames = CapturedFrames.advertisements

  @Test("A router of the same configuration sends the captured octets", arguments: frames)
  func encode(frame: Frame) throws {
    let packet = frame.packet
    let configuration = Sample.configuration(of: frame.name)
    var routers = VirtualRouters(
      routers: [configuration], groups: [], options: ProtocolOptions(),
      authenticator: TestAuthenticator())
    let start = frame.isIPv6 ? 40 : 20
    let source =
      frame.isIPv6
      ? packet.span.address(at: 8, .ipv6) : packet.span.address(at: 12, .ipv4)
    let destination =
      frame.isIPv6
      ? packet.span.address(at: 24, .ipv6) : packet.span.address(at: 16, .ipv4)
    let isAuthenticated = !frame.isIPv6 && packet[9] == 51
    let header = start + (isAuthenticated ? 24 : 0)
    let stamp = AdvertisementStamp(
      priority: Priority(rawValue: packet[header + 2]),
      identification: frame.isIPv6 ? 0 : packet.span.unsigned16(at: 4),
      sequenceNumber: isAuthenticated ? packet.span.unsigned32(at: 28) : 0, source: source)

    var clock = WallClock(seconds: 0)
    if configuration.authHMAC != nil {
      let trailer = packet.count - AuthenticationTrailer.length
      let fraction = UInt64(packet.span.unsigned16(at: trailer + 8))
      clock = WallClock(
        seconds: packet.span.unsigned32(at: trailer + 4),
        nanoseconds: UInt32((fraction * 1_000_000_000 + 65535) / 65536))
    }
    var buffer = [UInt8](repeating: 0xff, count: 1500)
    var span = buffer.mutableSpan
    let count = routers.encodeAdvertisement(
      stamp, of: RouterIndex(rawValue: 0), to: destination, wallClock: clock, into: &span)
    var sent = Array(buffer[..<count])
    var expected = frame.isIPv6 ? Array(packet[40...]) : packet
    if !frame.isIPv6 {
      // The kernel fills the header checksum.
      #expect(sent[10] == 0 && sent[11] == 0)
      expected[10] = 0
      expected[11] = 0
    }
    if frame.name == "tx_v2_ah_source_changed" {
      // A deliberate difference: the index follows the source, so receivers accept it.
      #expect(sent.span.unsigned32(at: 24) == IPv4Address(10, 0, 0, 9).bits)
      for range in [24..<28, 32..<44] {
        sent.replaceSubrange(range, with: expected[range])
      }
    }
    #expect(sent == expected)
  }

  @Test("A peer of the same configuration accepts the captured octets", arguments: frames)
  func receive(frame: Frame) throws {
    if frame.name == "tx_v2_ah_source_changed" { return }
    var configuration = Sample.configuration(of: frame.name)
    configuration.priority = Priority(rawValue: 50)
    configuration.wantsMaster = false
    configuration.interfaceSource = frame.isIPv6 ? Sample.theirs6 : Sample.theirs
    configuration.configuredSource = nil
    if configuration.isUnicast {
      configuration.peers = [UnicastPeer(address: frame.isIPv6 ? Sample.ours6 : Sample.ours)]
    }
    var bench = Bench([configuration])
    let packet = frame.packet
    if configuration.authHMAC != nil {
      bench.clock = WallClock(
        seconds: packet.span.unsigned32(at: packet.count - AuthenticationTrailer.length + 4))
    }
    bench.receive(packet, isIPv6: frame.isIPv6)
    #expect(bench.router.statistics.advertisementsReceived == 1)
    #expect(bench.complaints == [])
  }
}
