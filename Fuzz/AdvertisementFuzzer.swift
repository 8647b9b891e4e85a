import Primitives
import VRRP
import Wire

/// Packets of any content, at any time, to virtual routers of several configurations.
///
/// The first octet chooses the configuration. Then come steps: an octet that says how many eighths
/// of a second pass, a length of two octets, the low one first, and a packet from its IP header on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard let choice = bytes.first else { return 0 }
  var bench = Bench(Configurations.all[Int(choice) % Configurations.all.count])
  var rest = bytes.dropFirst()
  while rest.count >= 3 {
    let start = rest.startIndex
    let length = Int(rest[start + 1]) | Int(rest[start + 2]) << 8
    bench.run(for: Microseconds(125_000) * Int64(rest[start]))
    rest = rest.dropFirst(3)
    bench.receive(Array(rest.prefix(length)))
    rest = rest.dropFirst(length)
  }
  bench.shutDown()
  return 0
}

private struct Bench {
  var routers: VirtualRouters
  var now = Instant.zero
  var effects: [Effect] = []
  let table: ReceiveTable
  let family: AddressFamily

  init(_ configurations: [RouterConfiguration]) {
    family = configurations[0].family
    var options = ProtocolOptions()
    options.logUnknownVRIDs = true
    options.vrrpCheckUnicastSrc = configurations[0].isUnicast
    routers = VirtualRouters(
      routers: configurations,
      groups: [SyncGroupConfiguration(name: "G", members: configurations.map(\.name))],
      options: options, authenticator: ConstantAuthenticator())
    table = routers.receiveTable(
      family, sharedBy: configurations.indices.map(RouterIndex.init(rawValue:)))
    routers.start(at: now, into: &effects)
    perform()
  }

  var wallClock: WallClock {
    WallClock(seconds: UInt32(truncatingIfNeeded: 1000 + now.microseconds / 1_000_000))
  }

  /// Lets time pass, with the timers that are due meanwhile.
  mutating func run(for time: Microseconds) {
    let end = now + time
    // Timers that arm themselves anew at once would never end.
    for _ in 0..<4096 {
      let first = routers.routers.indices.min {
        deadline($0) < deadline($1)
      }
      guard let first else { break }
      let due = min(deadline(first), routers.processDeadline ?? .distantFuture)
      guard due <= end else {
        now = end
        return
      }
      now = max(now, due)
      routers.processTimerFired(at: now, into: &effects)
      if deadline(first) <= now {
        routers.timerFired(router: RouterIndex(rawValue: first), at: now, into: &effects)
      }
      perform()
    }
    preconditionFailure("timers never come to rest")
  }

  private func deadline(_ index: Int) -> Instant {
    routers.routers[index].deadline ?? .distantFuture
  }

  mutating func receive(_ packet: [UInt8]) {
    var metadata = ReceiveMetadata(
      source: .ipv4(.any), hopLimit: 255, interface: InterfaceIndex(rawValue: 2))
    var start = 0
    if family == .ipv6 {
      guard packet.count >= 40 else { return }
      metadata.source = packet.span.address(at: 8, .ipv6)
      metadata.destination = packet.span.address(at: 24, .ipv6)
      metadata.hopLimit = packet[7]
      start = 40
    }
    _ = routers.receive(
      packet.span.extracting(start..<packet.count), from: metadata, on: table, at: now,
      wallClock: wallClock, into: &effects)
    perform()
  }

  mutating func shutDown() {
    routers.shutdown(at: now, into: &effects)
    perform()
    for router in routers.routers { precondition(router.deadline == nil, "a timer after the end") }
  }

  /// Makes the messages, and what would be sent.
  private mutating func perform() {
    precondition(effects.count < 10_000, "no end of effects")
    for effect in effects {
      switch effect {
      case .router(_, .log(let trace)), .group(_, .log(let trace)), .process(.log(let trace)):
        let text = trace.message("V") { _ in "eth0" }
        precondition(!text.utf8.contains { $0 < 32 }, "a control character in a message")
      case .router(let index, .sendAdvertisement(let stamp)): send(stamp, of: index)
      case .router, .group, .process: break
      }
    }
    effects.removeAll(keepingCapacity: true)
    for router in routers.routers {
      let waits = router.state == .backup || router.state == .master
      precondition(!waits || router.deadline != nil, "nothing will ever happen")
    }
  }

  private mutating func send(_ stamp: AdvertisementStamp, of index: RouterIndex) {
    let configuration = routers.routers[index.rawValue].configuration
    let destination = configuration.peers.first?.address ?? configuration.multicastGroup
    let family = family
    routers.withAdvertisement(stamp, of: index, to: destination, wallClock: wallClock) { packet in
      do throws(DecodeError) {
        var start = 0
        if family == .ipv4 {
          let ip = try IPv4Header(decoding: packet)
          precondition(Int(ip.totalLength) == packet.count, "a wrong length")
          start = ip.headerLength
          if ip.protocolNumber == .authenticationHeader { start += AuthenticationHeader.length }
        }
        let header = try VRRPHeader(decoding: packet.extracting(start..<packet.count))
        precondition(header.virtualRouterID == configuration.virtualRouterID)
        precondition(header.announcedLength(family) <= packet.count - start, "it is too short")
      } catch { preconditionFailure("an advert that nobody can read") }
    }
  }
}

/// Codes of zeros, so that the fuzzer can make authentic packets.
private final class ConstantAuthenticator: Authenticator {
  func hmacMD5(key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>) -> [16 of UInt8] {
    [16 of UInt8](repeating: 0)
  }

  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    [32 of UInt8](repeating: 0)
  }
}

private enum Configurations {
  static let all: [[RouterConfiguration]] = [
    [router(.two)],
    [router(.two) { $0.authentication = .password([0x31, 0x31, 0x31, 0x31, 0, 0, 0, 0]) }],
    [router(.two) { $0.authentication = .header(key: [8 of UInt8](repeating: 0x61)) }],
    [router(.two) { $0.authHMAC = key(.permissive, .time(window: 5)) }],
    [router(.three)],
    [router(.three) { $0.v3ChecksumAsV2 = true }],
    [router(.three) { $0.authHMAC = key(.enforce, .monotonic) }],
    [router(.three) { $0.authHMAC = key(.receiveOnly, .time(window: 5)) }],
    [router(.three, isUnicast: true) { $0.checkUnicastSrc = true }],
    [
      router(.two, isUnicast: true) { $0.authentication = .header(key: [8 of UInt8](repeating: 0)) }
    ],
    [router(.three, .ipv6)],
    [router(.three, .ipv6) { $0.authHMAC = key(.enforce, .time(window: 5)) }],
    [router(.three, .ipv6, isUnicast: true)],
    [router(.two, .ipv6)],
    [
      router(.three, priority: 255), router(.three, name: "W", priority: 200),
      router(.two, name: "X", id: 52) { $0.higherPrioSendAdvert = true },
    ],
    [
      router(.two) {
        $0.skipCheckAdvAddr = true
        $0.lowerPrioNoAdvert = true
        $0.preempts = false
        $0.timerExpiredBackup = Priority(rawValue: 1)
        $0.gratuitous.refresh = .seconds(10)
      }
    ],
  ]

  private static func router(
    _ version: VRRPVersion, _ family: AddressFamily = .ipv4, name: String = "V", id: UInt8 = 51,
    priority: UInt8 = 100, isUnicast: Bool = false,
    change: (inout RouterConfiguration) -> Void = { _ in }
  ) -> RouterConfiguration {
    let own = address(family == .ipv4 ? "10.0.0.2" : "fe80::ff:fe00:b")
    let peer = address(family == .ipv4 ? "10.0.0.1" : "fe80::ff:fe00:a")
    var router = RouterConfiguration(
      name: name,
      identity: RouterIdentity(
        virtualRouterID: VirtualRouterID(rawValue: id), family: family, configuredInterface: "eth0",
        isUnicast: isUnicast, address: isUnicast ? own : nil),
      version: version, priority: Priority(rawValue: priority), wantsMaster: priority == 255)
    router.interfaceSource = own
    router.sendingInterface = InterfaceIndex(rawValue: 2)
    if isUnicast { router.peers = [UnicastPeer(address: peer)] }
    router.addresses = [
      VirtualAddress(
        address: address(family == .ipv4 ? "10.0.0.100" : "fe80::100"),
        prefixLength: family == .ipv4 ? 24 : 64, interface: InterfaceIndex(rawValue: 2))
    ]
    change(&router)
    return router
  }

  private static func address(_ text: String) -> IPAddress {
    IPAddress(parsing: text) ?? .ipv4(.any)
  }

  private static func key(
    _ mode: AuthHMAC.Mode, _ protection: AuthHMAC.ReplayProtection
  ) -> AuthHMAC {
    AuthHMAC(
      keys: [AuthHMAC.Key(id: 1, octets: Array(0..<32))], activeKey: 1, mode: mode,
      replayProtection: protection)
  }
}
