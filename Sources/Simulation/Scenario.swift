package import Primitives
package import VRRP
import Wire

/// What a seed decides before anything runs: the routers, their group, how they authenticate.
package struct Scenario: Sendable {
  /// One configuration a node.
  package struct NodeConfiguration: Sendable {
    package var routers: [RouterConfiguration]
    package var groups: [SyncGroupConfiguration]
  }

  package var nodes: [NodeConfiguration] = []
  package private(set) var virtualRouters: Int
  package private(set) var slowestInterval = Microseconds.zero
  /// Time of day may be set back without making adverts of auth_hmac look like replays.
  package private(set) var toleratesClockSteps = true

  static let link = TrackerID(.interface, 1)

  package init(_ random: inout RandomSource) {
    let count = random.number(2...5)
    let version: VRRPVersion = random.chance(50) ? .two : .three
    let isGrouped = random.chance(40)
    virtualRouters = isGrouped ? random.number(2...3) : random.number(1...2)
    let authentication = random.number(0...3)
    toleratesClockSteps = authentication != 3
    let hasOwner = random.chance(15)
    let hasRogueOwner = hasOwner && random.chance(30)
    let equal = random.chance(15) ? random.number(1...254) : nil
    // The members of a node may differ, but no node may be before another in one member and behind
    // it in the next: such groups yield to each other for ever, by the protocol's rules.
    let varies = isGrouped && random.chance(20)
    let interval: Microseconds =
      version == .two ? .seconds(1) : .centiseconds(Int64(random.number(10...100)))
    for node in 0..<count {
      var routers: [RouterConfiguration] = []
      let isOwner = hasOwner && node == 0 || hasRogueOwner && node == 1
      var priority = isOwner ? 255 : equal ?? random.number(1...254)
      for index in 0..<virtualRouters {
        if varies && priority < 254 { priority += 1 }
        var router = Self.router(node, index, version, priority)
        router.advertisementInterval = interval
        if version == .three && random.chance(10) {
          router.advertisementInterval = .centiseconds(Int64(random.number(10...100)))
        }
        slowestInterval = max(slowestInterval, router.advertisementInterval)
        Self.authenticate(&router, authentication)
        routers.append(router)
      }
      if priority != 255 { Self.varyPreemption(&routers, isGrouped, &random) }
      let names = routers.map(\.name)
      nodes.append(
        NodeConfiguration(
          routers: routers,
          groups: isGrouped ? [SyncGroupConfiguration(name: "G", members: names)] : []))
    }
  }

  private static func router(
    _ node: Int, _ index: Int, _ version: VRRPVersion, _ priority: Int
  ) -> RouterConfiguration {
    var router = RouterConfiguration(
      name: "VI_\(index)",
      identity: RouterIdentity(
        virtualRouterID: VirtualRouterID(rawValue: UInt8(index + 1)), family: .ipv4,
        configuredInterface: "eth0"),
      version: version, priority: Priority(rawValue: UInt8(priority)),
      wantsMaster: priority == 255)
    router.interfaceSource = .ipv4(IPv4Address(10, 0, 0, UInt8(node + 1)))
    router.sendingInterface = InterfaceIndex(rawValue: 2)
    router.addresses = [
      VirtualAddress(
        address: .ipv4(IPv4Address(10, 0, 1, UInt8(index + 1))), prefixLength: 24,
        interface: InterfaceIndex(rawValue: 2))
    ]
    router.gratuitous.masterRepeat = 1
    router.gratuitous.lowerPriorityRepeat = 1
    router.gratuitous.masterDelay = .zero
    router.gratuitous.lowerPriorityDelay = .zero
    router.trackings = [Tracking(link, name: "eth0", status: .up)]
    return router
  }

  private static func authenticate(_ router: inout RouterConfiguration, _ kind: Int) {
    let key: [8 of UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    switch (kind, router.version) {
    case (1, .two): router.authentication = .password(key)
    case (2, .two): router.authentication = .header(key: key)
    case (3, .two), (3, .three):
      router.authHMAC = AuthHMAC(
        keys: [AuthHMAC.Key(id: 1, octets: Array(0..<32))], activeKey: 1,
        replayProtection: .time(window: 300))
    default: break
    }
  }

  private static func varyPreemption(
    _ routers: inout [RouterConfiguration], _ isGrouped: Bool, _ random: inout RandomSource
  ) {
    let preempts = !random.chance(25)
    let delay = random.chance(15)
    let quiet = random.chance(10)
    let last = random.chance(10)
    for index in routers.indices {
      routers[index].preempts = preempts
      if !preempts && last { routers[index].timerExpiredBackup = .highestBackup }
      if preempts && delay { routers[index].preemptDelay = .seconds(2) }
      routers[index].lowerPrioNoAdvert = quiet && !isGrouped
      routers[index].higherPrioSendAdvert = last
    }
  }
}
