import Primitives
import VRRP
import VRRPTestSupport
import Wire

/// Virtual routers, a clock, and what came of them.
struct Bench {
  var routers: VirtualRouters
  var now = Instant.zero
  var clock = WallClock(seconds: 1000)
  var effects: [Effect] = []
  let table: ReceiveTable

  init(
    _ configurations: [RouterConfiguration], groups: [SyncGroupConfiguration] = [],
    options: ProtocolOptions = ProtocolOptions()
  ) {
    routers = VirtualRouters(
      routers: configurations, groups: groups, options: options,
      authenticator: TestAuthenticator())
    table = routers.receiveTable(
      configurations.first?.family ?? .ipv4,
      sharedBy: configurations.indices.map { RouterIndex(rawValue: $0) })
    routers.start(at: now, into: &effects)
  }

  var router: RouterStateMachine { routers.routers[0] }
  subscript(_ index: Int) -> RouterStateMachine { routers.routers[index] }

  /// Forgets what has happened so far.
  mutating func forget() { effects = [] }

  /// Lets time pass, with all timers.
  mutating func run(until end: Instant) {
    while true {
      let router = routers.routers.filter { $0.deadline != nil }.min {
        ($0.deadline ?? end) < ($1.deadline ?? end)
      }
      let first = min(router?.deadline ?? .distantFuture, routers.processDeadline ?? .distantFuture)
      guard first <= end else { break }
      now = max(now, first)
      routers.processTimerFired(at: now, into: &effects)
      if let router, let deadline = router.deadline, deadline <= now {
        routers.timerFired(router: router.index, at: now, into: &effects)
      }
    }
    now = end
  }

  mutating func run(for time: Microseconds) { run(until: now + time) }

  /// A packet from its IP header on.
  @discardableResult
  mutating func receive(_ packet: [UInt8], isIPv6: Bool = false) -> Reception {
    guard isIPv6 else {
      return routers.receive(
        packet.span, from: ReceiveMetadata(source: .ipv4(.any)), on: table, at: now,
        wallClock: clock, into: &effects)
    }
    let metadata = ReceiveMetadata(
      source: packet.span.address(at: 8, .ipv6), destination: packet.span.address(at: 24, .ipv6),
      hopLimit: packet[7])
    return routers.receive(
      packet.span.extracting(40..<packet.count), from: metadata, on: table, at: now,
      wallClock: clock, into: &effects)
  }

  /// An advertisement over IPv4 from another router.
  @discardableResult
  mutating func receive(
    priority: UInt8, from source: IPAddress = Sample.theirs, of configuration: RouterConfiguration
  ) -> Reception {
    receive(Self.advertisement(priority: priority, from: source, of: configuration))
  }

  static func advertisement(
    priority: UInt8, from source: IPAddress, of configuration: RouterConfiguration,
    sequenceNumber: UInt32 = 1
  ) -> [UInt8] {
    var other = VirtualRouters(
      routers: [configuration], groups: [], options: ProtocolOptions(),
      authenticator: TestAuthenticator())
    let stamp = AdvertisementStamp(
      priority: Priority(rawValue: priority), identification: 1, sequenceNumber: sequenceNumber,
      source: source)
    var packet = [UInt8](repeating: 0, count: 1500)
    var span = packet.mutableSpan
    let count = other.encodeAdvertisement(
      stamp, of: RouterIndex(rawValue: 0),
      to: configuration.isUnicast ? Sample.ours : Sample.group,
      wallClock: WallClock(seconds: 1000), into: &span)
    return Array(packet[..<count])
  }

  /// Those for routers.
  var routerEffects: [RouterEffect] {
    effects.compactMap { if case .router(_, let effect) = $0 { effect } else { nil } }
  }

  var complaints: [RouterTrace.Complaint] {
    routerEffects.compactMap {
      if case .log(.rejected(let complaint, _)) = $0 { complaint } else { nil }
    }
  }

  /// The log in the words of the reference, without detail.
  var log: [String] {
    effects.compactMap { effect in
      let trace: RouterTrace
      let name: String
      switch effect {
      case .router(let index, .log(let written)):
        trace = written
        name = routers.routers[index.rawValue].configuration.name
      case .group(let index, .log(let written)):
        trace = written
        name = routers.groups[index.rawValue].configuration.name
      case .process(.log(let written)):
        trace = written
        name = ""
      case .router, .group, .process: return nil
      }
      return trace.level == .normal ? trace.message(name) { "if\($0.rawValue)" } : nil
    }
  }

  /// FIFO lines.
  var notifications: [String] {
    effects.compactMap { effect in
      switch effect {
      case .router(let index, let effect):
        let name = routers.routers[index.rawValue].configuration.name
        return Self.line(effect).map { "INSTANCE \"\(name)\" \($0)" }
      case .group(let index, .notify(let state)), .group(let index, .writeState(let state)):
        return "GROUP \"\(routers.groups[index.rawValue].configuration.name)\" \(state.word) 0"
      case .group, .process: return nil
      }
    }
  }

  private static func line(_ effect: RouterEffect) -> String? {
    switch effect {
    case .notify(let state, let priority): "\(state.word) \(priority.rawValue)"
    case .notifyPriority(let isMaster, let priority):
      "\(isMaster ? "MASTER" : "BACKUP")_PRIORITY \(priority.rawValue)"
    case .notifyLowerPriority(let priority): "MASTER_RX_LOWER_PRI \(priority.rawValue)"
    case .notifyRemoved(let priority): "FAULT \(priority.rawValue)"
    case .writeState(let state, let priority): "\(state.word) \(priority.rawValue)"
    default: nil
    }
  }

  /// Priorities of the advertisements sent.
  var sent: [UInt8] {
    routerEffects.compactMap {
      if case .sendAdvertisement(let stamp) = $0 { stamp.priority.rawValue } else { nil }
    }
  }

  var gratuitous: [AddressReference] {
    routerEffects.compactMap {
      if case .sendGratuitous(let reference) = $0 { reference } else { nil }
    }
  }
}
