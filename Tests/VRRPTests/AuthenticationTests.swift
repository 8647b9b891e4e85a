import Primitives
import Testing
import VRRP
import VRRPTestSupport
import Wire

@Suite("Authentication")
struct AuthenticationTests {
  @Test("The digests have the values of their definitions")
  func digests() {
    #expect(
      MessageDigest.md5(Array("abc".utf8)) == [UInt8](hex: "900150983cd24fb0d6963f7d28e17f72"))
    #expect(
      MessageDigest.sha256(Array("abc".utf8))
        == [UInt8](hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
  }

  var header: RouterConfiguration {
    var router = Sample.router(.two)
    router.authentication = .header(key: Sample.octets("secret12"))
    return router
  }

  func packet(_ sequenceNumber: UInt32, priority: UInt8 = 150) -> [UInt8] {
    Bench.advertisement(
      priority: priority, from: Sample.theirs, of: header, sequenceNumber: sequenceNumber)
  }

  @Test("A number of the authentication header counts once")
  func replay() {
    var bench = Bench([header])
    bench.receive(packet(5))
    bench.receive(packet(5))
    bench.receive(packet(4))
    bench.receive(packet(6))
    #expect(bench.router.statistics.advertisementsReceived == 2)
    #expect(bench.router.statistics.authenticationFailures == 2)
    #expect(
      bench.log.contains(
        "(VI_1) IPSEC-AH : sequence number 4 already processed. Packet dropped. Local(5)"))
  }

  @Test("A master goes on after the number of the one before, and over a lower one")
  func resynchronize() {
    var bench = Bench([header])
    bench.receive(packet(41))
    bench.run(for: .seconds(5))
    #expect(bench.router.state == .master)
    let sent = bench.router.sequenceNumber
    #expect(sent > 41)
    bench.receive(packet(sent + 10, priority: 50))
    #expect(bench.router.sequenceNumber == sent + 12)
    #expect(bench.log.contains("(VI_1) IPSEC-AH : Syncing seq_num - Increment seq"))
  }

  @Test("Masters that count in step hear each other")
  func inStep() {
    var bench = Bench([header])
    bench.run(for: .seconds(5))
    bench.receive(packet(bench.router.sequenceNumber))
    #expect(bench.router.state == .backup)
  }

  @Test("A changed octet fails")
  func changed() {
    var bench = Bench([header])
    var packet = packet(1)
    packet[46] = 151
    bench.receive(packet)
    #expect(bench.complaints == [.integrityCheckValue])
  }

  var trailer: RouterConfiguration {
    var router = Sample.router(.three)
    router.authHMAC = Sample.key
    return router
  }

  func signed(_ seconds: UInt32, by configuration: RouterConfiguration? = nil) -> [UInt8] {
    let configuration = configuration ?? trailer
    var other = VirtualRouters(
      routers: [configuration], groups: [], options: ProtocolOptions(),
      authenticator: TestAuthenticator())
    let stamp = AdvertisementStamp(
      priority: Priority(rawValue: 150), identification: 1, sequenceNumber: 0,
      source: Sample.theirs)
    return other.withAdvertisement(
      stamp, of: RouterIndex(rawValue: 0), to: Sample.group,
      wallClock: WallClock(seconds: seconds)
    ) { [UInt8](copying: $0) }
  }

  @Test("A trailer is accepted once, in its window")
  func window() {
    var bench = Bench([trailer])
    bench.receive(signed(1000))
    bench.receive(signed(1000))
    bench.receive(signed(994))
    bench.receive(signed(1004))
    let statistics = bench.router.statistics
    #expect(statistics.advertisementsReceived == 2)
    #expect(statistics.trailersReplayed == 1)
    #expect(statistics.trailersStale == 1)
    #expect(
      bench.log.last
        == "(VI_1) authentication clock skew -4 sec from 10.0.0.2 approaching window 5 sec")
  }

  @Test("Each failure has its counter")
  func failures() {
    var bench = Bench([trailer])
    bench.receive(priority: 150, of: Sample.router(.three))
    #expect(bench.router.statistics.trailersMissing == 1)
    var malformed = signed(1000)
    malformed[32] = 9
    bench.receive(malformed)
    #expect(bench.router.statistics.trailersMalformed == 1)
    var unknown = signed(1000)
    unknown[33] = 9
    bench.receive(unknown)
    #expect(bench.router.statistics.trailersWithUnknownKey == 1)
    var invalid = signed(1000)
    invalid[50] ^= 1
    bench.receive(invalid)
    #expect(bench.router.statistics.trailersInvalid == 1)
    #expect(bench.router.statistics.advertisementsReceived == 0)
  }

  @Test("Without auth_hmac a trailer makes a packet too long")
  func unexpected() {
    var bench = Bench([Sample.router(.three)])
    bench.receive(signed(1000))
    #expect(bench.complaints == [.tooLong(received: 60, expected: 32)])
  }

  @Test("Copies of one advertisement have one trailer, the next one a later")
  func copies() {
    var routers = VirtualRouters(
      routers: [trailer], groups: [], options: ProtocolOptions(),
      authenticator: TestAuthenticator())
    func encoded(_ identification: UInt16) -> [UInt8] {
      let stamp = AdvertisementStamp(
        priority: .standard, identification: identification, sequenceNumber: 0,
        source: Sample.ours)
      return routers.withAdvertisement(
        stamp, of: RouterIndex(rawValue: 0), to: Sample.group,
        wallClock: WallClock(seconds: 7)
      ) { Array([UInt8](copying: $0).suffix(28)) }
    }
    let first = encoded(1)
    #expect(encoded(1) == first)
    #expect(encoded(2) != first)
  }

  @Test("Every peer gets a right checksum", arguments: [true, false])
  func checksums(asVersionTwo: Bool) {
    var router = Sample.router(.three, isUnicast: true)
    router.v3ChecksumAsV2 = asVersionTwo
    var routers = VirtualRouters(
      routers: [router], groups: [], options: ProtocolOptions(),
      authenticator: TestAuthenticator())
    for (number, peer) in ["10.0.0.2", "10.9.8.7", "192.0.2.1"].enumerated() {
      let stamp = AdvertisementStamp(
        priority: .standard, identification: 1, sequenceNumber: 0,
        source: Sample.address("10.0.0.\(number + 1)"))
      let isRight = routers.withAdvertisement(
        stamp, of: RouterIndex(rawValue: 0), to: Sample.address(peer),
        wallClock: WallClock(seconds: 7)
      ) { packet in
        var sum = InternetChecksum()
        sum.add(packet.extracting(20..<packet.count))
        if !asVersionTwo {
          sum.addPseudoHeader(
            source: stamp.source, destination: Sample.address(peer), protocolNumber: .vrrp,
            length: packet.count - 20)
        }
        return sum.isValid
      }
      #expect(isRight)
    }
  }
}
