import Primitives
import Testing
import VRRP
import VRRPTestSupport
import Wire

/// Each crafted frame has the reaction that the reference showed.
@Suite("Crafted advertisements")
struct CraftedAdvertisementTests {
  /// A BACKUP of priority 100 one second after its start; its down timer ends at 3.609375 s.
  func bench(
    _ change: (inout RouterConfiguration) -> Void = { _ in }, _ version: VRRPVersion = .two
  )
    -> Bench
  {
    var router = Sample.router(version)
    change(&router)
    var bench = Bench([router])
    bench.run(until: Instant(microseconds: 1_000_000))
    bench.forget()
    return bench
  }

  func octets(_ name: String) throws -> [UInt8] {
    try #require(CapturedFrames.crafted.first { $0.name == name }).packet
  }

  static let initialDeadline = Instant(microseconds: 3_609_375)
  static let restartedDeadline = Instant(microseconds: 4_609_375)

  func expectRejected(
    _ bench: Bench, log: [String], counted: KeyPath<RouterStatistics, UInt64>?,
    received: UInt64 = 0
  ) {
    #expect(bench.router.electionDeadline == Self.initialDeadline)
    #expect(bench.router.statistics.advertisementsReceived == received)
    #expect(bench.log == log)
    if let counted { #expect(bench.router.statistics[keyPath: counted] == 1) }
  }

  @Test("A higher priority restarts the down timer")
  func higher() throws {
    var bench = bench()
    bench.receive(try octets("rx_v2_valid_higher"))
    #expect(bench.router.electionDeadline == Self.restartedDeadline)
    #expect(bench.router.statistics.advertisementsReceived == 1)
    #expect(bench.log == [])
  }

  @Test("A lower priority is counted and discarded")
  func lower() throws {
    var bench = bench()
    bench.receive(try octets("rx_v2_lower"))
    expectRejected(
      bench, log: ["(VI_1) received lower priority (50) advert from 10.0.0.2 - discarding"],
      counted: nil, received: 1)
  }

  @Test("Priority 0 leaves the skew time to a backup")
  func priorityZero() throws {
    var bench = bench()
    bench.receive(try octets("rx_v2_priority0"))
    #expect(bench.router.electionDeadline == bench.now + Microseconds(609_375))
    #expect(bench.router.statistics.priorityZeroReceived == 1)
  }

  @Test("Priority 0 makes a MASTER advertise at once")
  func priorityZeroToMaster() throws {
    var bench = bench()
    bench.run(until: Instant(microseconds: 4_000_000))
    #expect(bench.router.state == .master)
    bench.forget()
    bench.receive(try octets("rx_v2_priority0"))
    #expect(bench.sent == [100])
    #expect(bench.router.electionDeadline == bench.now + .seconds(1))
  }

  @Test(
    "A wrong field is rejected with its counter and message",
    arguments: [
      ("rx_v2_bad_ttl", "invalid TTL/HL from 10.0.0.2. Received 254 and expect 255"),
      ("rx_v2_wrong_version", "wrong VRRP version from 10.0.0.2. Received 3 and expect 2"),
      ("rx_v2_invalid_auth_type", "Invalid auth type from 10.0.0.2: 3"),
      ("rx_v2_auth_mismatch", "received a 1 auth from 10.0.0.2, expecting 0!"),
      (
        "rx_v2_interval_mismatch",
        "advertisement interval mismatch with 10.0.0.2 mine=1 sec rcv'd=2 sec"
      ),
      ("rx_v2_bad_type", "Invalid packet type from 10.0.0.2. 2 and expect 1"),
      ("rx_v2_bad_checksum", "Invalid VRRPv2 checksum from 10.0.0.2"),
      (
        "rx_v2_truncated_addresses",
        "vrrp packet from 10.0.0.2 too short, length 40 and expect 44"
      ),
      (
        "rx_v2_4_trailing_bytes",
        "vrrp packet from 10.0.0.2 too long, length 44 and expect 40"
      ),
    ])
  func rejected(name: String, message: String) throws {
    let counters: [String: KeyPath<RouterStatistics, UInt64>] = [
      "rx_v2_bad_ttl": \.ipTTLErrors, "rx_v2_wrong_version": \.versionErrors,
      "rx_v2_invalid_auth_type": \.invalidAuthenticationTypes,
      "rx_v2_auth_mismatch": \.authenticationTypeMismatches,
      "rx_v2_bad_type": \.invalidTypesReceived, "rx_v2_bad_checksum": \.checksumErrors,
      "rx_v2_truncated_addresses": \.packetLengthErrors,
      "rx_v2_4_trailing_bytes": \.packetLengthErrors,
    ]
    var bench = bench()
    bench.receive(try octets(name))
    expectRejected(bench, log: ["(VI_1) " + message], counted: counters[name])
  }

  @Test("A message of a kind is logged once until the master changes")
  func once() throws {
    var bench = bench()
    for _ in 0..<3 { bench.receive(try octets("rx_v2_bad_ttl")) }
    #expect(bench.log.count == 1)
    #expect(bench.router.statistics.ipTTLErrors == 3)
    bench.receive(try octets("rx_v2_valid_higher"))
    bench.receive(try octets("rx_v2_bad_ttl"))
    #expect(bench.log.count == 2)
  }

  @Test("A rejected advertisement does not keep a MASTER from advertising")
  func rejectedByMaster() throws {
    var bench = bench()
    bench.run(until: Instant(microseconds: 3_700_000))
    let deadline = bench.router.electionDeadline
    bench.receive(try octets("rx_v2_bad_ttl"))
    #expect(bench.router.electionDeadline == deadline)
  }

  @Test(
    "Another list of addresses is counted and accepted",
    arguments: [
      ("rx_v2_no_addresses", "(VI_1) expected 1 VIPs but received 0"),
      (
        "rx_v2_other_address",
        "(VI_1) ip address associated with VRID 51 not present in advert from 10.0.0.2: 10.0.0.100"
      ),
    ])
  func addresses(name: String, message: String) throws {
    var bench = bench()
    bench.receive(try octets(name))
    #expect(bench.router.electionDeadline == Self.restartedDeadline)
    #expect(bench.router.statistics.addressListErrors == 1)
    #expect(bench.log == [message])
  }

  @Test("Two octets more look like the padding of Ethernet")
  func padding() throws {
    var bench = bench()
    bench.receive(try octets("rx_v2_2_trailing_bytes"))
    #expect(bench.router.electionDeadline == Self.restartedDeadline)
    #expect(bench.log == [])
  }

  @Test("An unknown VRID is ignored, and logged if wanted")
  func unknown() throws {
    var silent = bench()
    #expect(silent.receive(try octets("rx_v2_unknown_vrid")) == .ignored)
    #expect(silent.effects == [])
    var options = ProtocolOptions()
    options.logUnknownVRIDs = true
    var bench = Bench([Sample.router(.two)], options: options)
    bench.forget()
    bench.receive(try octets("rx_v2_unknown_vrid"))
    #expect(bench.log == ["Unknown VRID(52) received on interface(if0). ignoring..."])
  }

  @Test("Version 3 is accepted and its interval learned")
  func learn() throws {
    var bench = bench({ _ in }, .three)
    bench.receive(try octets("rx_v3_valid"))
    #expect(bench.router.electionDeadline == Self.restartedDeadline)
    #expect(bench.log == [])
    bench.receive(try octets("rx_v3_learn_interval"))
    #expect(bench.router.masterInterval == .seconds(2))
    let skew = Microseconds(156 * 200 * 625 / 16)
    #expect(bench.router.electionDeadline == bench.now + .seconds(6) + skew)
    #expect(
      bench.log == [
        "(VI_1) advertisement interval mismatch ours = 100 centi-sec rcv'd=200 centi-sec"
      ])
  }

  @Test("Version 3 without a pseudo header is rejected")
  func noPseudoHeader() throws {
    var bench = bench({ _ in }, .three)
    bench.receive(try octets("rx_v3_no_pseudo_header"))
    expectRejected(
      bench, log: ["(VI_1) Invalid VRRPv3 checksum from 10.0.0.2"], counted: \.checksumErrors)
  }

  @Test("v3_checksum_as_v2 verifies the checksum, in both forms")
  func checksumAsV2() throws {
    var bench = bench({ $0.v3ChecksumAsV2 = true }, .three)
    bench.receive(try octets("rx_v3_no_pseudo_header"))
    bench.receive(try octets("rx_v3_valid"))
    #expect(bench.router.statistics.advertisementsReceived == 2)
    var broken = try octets("rx_v3_valid")
    broken[26] ^= 1
    bench.receive(broken)
    #expect(bench.router.statistics.checksumErrors == 1)
  }

  private func unicast(_ router: inout RouterConfiguration) {
    let addresses = router.addresses
    router = Sample.router(.three, isUnicast: true)
    router.addresses = addresses
  }

  @Test("The old unicast checksum is detected, and the new one still accepted")
  func oldChecksum() throws {
    var bench = bench({ self.unicast(&$0) }, .three)
    bench.receive(try octets("rx_v3_unicast_old_checksum"))
    #expect(bench.log == ["(VI_1) Setting unicast VRRPv3 checksum to old version"])
    #expect(bench.router.electionDeadline == Self.restartedDeadline)
    bench.receive(priority: 150, of: Sample.router(.three, isUnicast: true))
    #expect(bench.router.statistics.advertisementsReceived == 2)
  }

  @Test("The old unicast checksum is rejected with never")
  func oldChecksumNever() throws {
    var bench = bench(
      {
        self.unicast(&$0)
        $0.unicastChecksum = .standard
      }, .three)
    bench.receive(try octets("rx_v3_unicast_old_checksum_never"))
    expectRejected(
      bench, log: ["(VI_1) Invalid VRRPv3 checksum from 10.0.0.2"], counted: \.checksumErrors)
  }

  @Test(
    "A peer must come with the hop limits of its configuration",
    arguments: [
      ("rx_v3_unicast_ttl_low", "(VI_1) TTL/HL 59 from 10.0.0.2 not in range [60, 70]", 1),
      (
        "rx_v3_unicast_unknown_source",
        "(VI_1) unicast source address 10.0.0.9 not a unicast peer", 0
      ),
    ])
  func hopLimits(name: String, message: String, errors: UInt64) throws {
    var bench = bench(
      {
        self.unicast(&$0)
        $0.peers = [UnicastPeer(address: Sample.theirs, minimumTTL: 60, maximumTTL: 70)]
      }, .three)
    bench.receive(try octets(name))
    expectRejected(bench, log: [message], counted: nil, received: 1)
    #expect(bench.router.statistics.ipTTLErrors == errors)
  }

  @Test("The right password is accepted and a wrong one rejected")
  func password() throws {
    var good = bench({ $0.authentication = .password(Sample.octets("1111")) })
    good.receive(try octets("rx_v2_pass_ok"))
    #expect(good.router.electionDeadline == Self.restartedDeadline)
    var bad = bench({ $0.authentication = .password(Sample.octets("1111")) })
    bad.receive(try octets("rx_v2_pass_bad"))
    expectRejected(
      bad, log: ["(VI_1) received an invalid passwd from 10.0.0.2!"],
      counted: \.authenticationFailures)
  }

  @Test("Any octets are survived, in every configuration")
  func arbitrary() {
    var generator = SystemRandomNumberGenerator()
    var configurations = [
      Sample.router(.two), Sample.router(.three), Sample.router(.three, isUnicast: true),
    ]
    var header = Sample.router(.two)
    header.authentication = .header(key: Sample.octets("x"))
    var trailer = Sample.router(.three)
    trailer.authHMAC = Sample.key
    configurations += [header, trailer]
    for id in [VRRPVersion.two, .three] {
      configurations.append(Sample.router(id, family: .ipv6))
    }
    for configuration in configurations {
      var bench = Bench([configuration])
      let isIPv6 = configuration.family == .ipv6
      let frames = CapturedFrames.advertisements + CapturedFrames.crafted
      for frame in frames where frame.isIPv6 == isIPv6 {
        for _ in 0..<10 {
          var packet = frame.packet
          for _ in 0..<Int.random(in: 0..<4, using: &generator) {
            packet[Int.random(in: 0..<packet.count, using: &generator)] =
              UInt8.random(in: 0...255, using: &generator)
          }
          if Bool.random(using: &generator) {
            let least = isIPv6 ? 40 : 0
            packet.removeLast(Int.random(in: 0...packet.count - least, using: &generator))
          }
          bench.receive(packet, isIPv6: isIPv6)
        }
      }
    }
  }
}
