import Configuration
import Kernel
import Primitives
import SystemIO
import VRRP
import Wire

/// A configuration as the parts of the process need it.
struct MappedConfiguration {
  let routers: [MappedRouter]
  let groups: [VRRPSyncGroup]
  let protocolGroups: [SyncGroupConfiguration]
  let limiters: [GratuitousLimit]
  let staticAddresses: [PlacedAddress]

  /// `status` tells what is known of a tracked thing now.
  init(
    _ configuration: Configuration, interfaces: InterfaceTable, origin: UInt8,
    sources: TrackedSources = TrackedSources(), status: @escaping (TrackerID) -> TrackerStatus
  ) {
    var mapping = RouterMapping(
      configuration.vrrp, configuration.global.vrrp, interfaces: interfaces, origin: origin,
      sources: sources, status: status)
    let syncDaemonInstance = configuration.global.lvs.syncDaemon?.vrrpInstance
    routers = configuration.vrrp.instances.map {
      mapping.map($0, runsSyncDaemon: $0.name == syncDaemonInstance)
    }
    groups = configuration.vrrp.syncGroups
    protocolGroups = mapping.groups
    limiters = mapping.limiters
    staticAddresses = configuration.vrrp.staticAddresses.compactMap { line in
      line.device.map {
        PlacedAddress(line: line, interface: interfaces.number(named: $0), origin: origin)
      }
    }
  }
}

/// Makes the protocol's configuration of the one that was read.
private struct RouterMapping {
  private let configuration: VRRPConfiguration
  private let globals: VRRPGlobals
  private let interfaces: InterfaceTable
  private let origin: UInt8
  private let sources: TrackedSources
  private let status: (TrackerID) -> TrackerStatus
  private(set) var limiters: [GratuitousLimit] = []
  /// The limiter of an interface or of its group.
  private var limiterOfInterface: [InterfaceIndex: Int] = [:]
  private let groupOfInstance: [String: VRRPSyncGroup]

  /// `status` tells what is known of a tracked thing now.
  init(
    _ configuration: VRRPConfiguration, _ globals: VRRPGlobals, interfaces: InterfaceTable,
    origin: UInt8, sources: TrackedSources, status: @escaping (TrackerID) -> TrackerStatus
  ) {
    self.sources = sources
    self.configuration = configuration
    self.globals = globals
    self.interfaces = interfaces
    self.origin = origin
    self.status = status
    var groups: [String: VRRPSyncGroup] = [:]
    for group in configuration.syncGroups {
      for member in group.members where groups[member] == nil { groups[member] = group }
    }
    groupOfInstance = groups
    for group in configuration.garpGroups {
      limiters.append(
        GratuitousLimit(
          arpInterval: group.garpInterval ?? .zero,
          neighborAdvertisementInterval: group.gnaInterval ?? .zero))
      for name in group.interfaces {
        limiterOfInterface[interfaces.number(named: name)] = limiters.count - 1
      }
    }
  }

  var groups: [SyncGroupConfiguration] {
    configuration.syncGroups.map { SyncGroupConfiguration(name: $0.name, members: $0.members) }
  }

  mutating func map(_ instance: VRRPInstance, runsSyncDaemon: Bool) -> MappedRouter {
    let interface = instance.interface.map(interfaces.number(named:)) ?? .none
    let addresses = instance.virtualAddresses.map { place($0, interface) }
    let excluded = instance.excludedAddresses.map { place($0, interface) }
    var router = RouterConfiguration(
      name: instance.name, identity: identity(instance),
      version: instance.version, priority: instance.priority,
      wantsMaster: instance.state == .master)
    router.isExplicitOwner = instance.isStateExplicit && instance.isPriorityExplicit
    router.advertisementInterval = instance.advertInt
    router.downTimerAdverts = Int64(instance.downTimerAdverts)
    router.preempts = !instance.nopreempt
    router.preemptDelay = instance.preemptDelay > .zero ? instance.preemptDelay : nil
    router.higherPrioSendAdvert = instance.higherPrioSendAdvert
    router.lowerPrioNoAdvert = instance.lowerPrioNoAdvert
    router.ownerIgnoreAdverts = instance.ownerIgnoreAdverts
    router.skipCheckAdvAddr = instance.skipCheckAdvAddr
    router.checkUnicastSrc = instance.checkUnicastSrc
    router.timerExpiredBackup = instance.timerExpiredBackup
    router.notifyPriorityChanges = instance.notifyPriorityChanges
    router.notifyDeleted = instance.notifyDeleted
    router.usesFirewall = FilterPolicy.dropsPackets(instance)
    router.runsSyncDaemon = runsSyncDaemon
    router.hasConfigurationFault = instance.hasConfigurationFault
    router.sendingInterface = interface
    router.configuredSource = instance.sourceAddress
    router.tracksSource = instance.trackSrcIP && instance.interface != nil
    router.interfaceSource = sources.address(of: instance, interface, interfaces)
    router.multicastGroup = instance.multicastDestination
    router.peers = instance.unicastPeers.map {
      .init(
        address: $0.address, minimumTTL: $0.minTTL == 0 ? nil : $0.minTTL,
        maximumTTL: $0.maxTTL == 255 ? nil : $0.maxTTL)
    }
    router.unicastTTL = instance.unicastTTL
    router.unicastChecksum =
      switch instance.unicastChecksum {
      case .detect: .automatic
      case .old: .old
      case .never: .standard
      }
    router.v3ChecksumAsV2 = instance.v3ChecksumAsV2
    router.authentication = authentication(instance.authentication)
    router.authHMAC = instance.authHMAC.map(authHMAC)
    router.addresses = addresses.map { virtualAddress($0, instance, interface) }
    router.excludedAddresses = excluded.map { virtualAddress($0, instance, interface) }
    router.gratuitous = schedule(instance)
    router.trackings = trackings(instance, interface, addresses + excluded)
    return MappedRouter(
      instance: instance, router: router, addresses: addresses, excludedAddresses: excluded,
      interface: interface)
  }

  private func identity(_ instance: VRRPInstance) -> RouterIdentity {
    RouterIdentity(
      virtualRouterID: instance.virtualRouterID, family: instance.family,
      configuredInterface: instance.interface ?? "", isUnicast: instance.isUnicast,
      address: instance.isUnicast ? instance.sourceAddress : instance.multicastDestination)
  }

  private func authentication(_ authentication: Authentication?) -> RouterAuthentication {
    guard let authentication else { return .none }
    var key = [8 of UInt8](repeating: 0)
    for (index, octet) in authentication.pass.prefix(8).enumerated() { key[index] = octet }
    return authentication.type == .pass ? .password(key) : .header(key: key)
  }

  private func authHMAC(_ settings: AuthHMACSettings) -> AuthHMAC {
    let mode: AuthHMAC.Mode =
      switch settings.mode {
      case .enforce: .enforce
      case .permissive: .permissive
      case .receiveOnly: .receiveOnly
      }
    return AuthHMAC(
      keys: settings.keys.map { .init(id: $0.id, octets: $0.secret) },
      activeKey: settings.activeKey, mode: mode,
      replayProtection: settings.antiReplay == .monotonic
        ? .monotonic
        : .time(window: UInt32(clamping: settings.timeWindow.count / 1_000_000)))
  }

  // MARK: Addresses

  private func place(_ line: AddressLine, _ interface: InterfaceIndex) -> PlacedAddress {
    PlacedAddress(
      line: line, interface: line.device.map(interfaces.number(named:)) ?? interface,
      origin: origin)
  }

  private mutating func virtualAddress(
    _ placed: PlacedAddress, _ instance: VRRPInstance, _ interface: InterfaceIndex
  ) -> VirtualAddress {
    let isKnown = interfaces.contains(placed.interface)
    let link = isKnown ? interfaces[placed.interface].link : nil
    return VirtualAddress(
      address: placed.line.address, prefixLength: placed.line.prefixLength,
      interface: placed.interface, limiter: limiter(placed.interface),
      isOnExtraInterface: instance.garpExtraIf.all && placed.interface != interface,
      isAnnounced: link?.hasARP ?? true, attributes: placed.line.hashValue)
  }

  /// Each physical interface has a limiter of its own, unless it is in a `garp_group`.
  private mutating func limiter(_ interface: InterfaceIndex) -> Int? {
    let base = interfaces.base(of: interface)
    if let limiter = limiterOfInterface[base] { return limiter }
    if globals.garpInterval == .zero && globals.gnaInterval == .zero { return nil }
    limiters.append(
      GratuitousLimit(
        arpInterval: globals.garpInterval, neighborAdvertisementInterval: globals.gnaInterval))
    limiterOfInterface[base] = limiters.count - 1
    return limiters.count - 1
  }

  private func schedule(_ instance: VRRPInstance) -> GratuitousSchedule {
    var schedule = GratuitousSchedule()
    schedule.masterRepeat = Int(instance.garp.masterRepeat)
    schedule.masterDelay = instance.garp.masterDelay
    schedule.refresh = instance.garp.masterRefresh
    schedule.refreshRepeat = Int(instance.garp.masterRefreshRepeat)
    schedule.lowerPriorityRepeat = Int(instance.garp.lowerPrioRepeat)
    schedule.lowerPriorityDelay = instance.garp.lowerPrioDelay
    schedule.extraInterface = instance.garpExtraIf.interval
    return schedule
  }

  // MARK: Trackings

  private func trackings(
    _ instance: VRRPInstance, _ interface: InterfaceIndex, _ addresses: [PlacedAddress]
  ) -> [Tracking] {
    let group = groupOfInstance[instance.name]
    var trackings = interfaceTrackings(instance, interface, addresses, group)
    let scripts = Self.merge(instance.trackScripts, group?.trackScripts ?? [])
    for line in scripts {
      if let number = configuration.scripts.firstIndex(where: { $0.name == line.name }) {
        trackings.append(tracking(line, .script, UInt32(number)))
      }
    }
    for line in Self.merge(instance.trackFiles, group?.trackFiles ?? []) {
      if let number = configuration.trackFiles.firstIndex(where: { $0.name == line.name }) {
        trackings.append(tracking(line, .file, UInt32(number)))
      }
    }
    for line in Self.merge(instance.trackBFDs, group?.trackBFDs ?? []) {
      if let number = configuration.bfdInstances.firstIndex(where: { $0.name == line.name }) {
        trackings.append(tracking(line, .bfd, UInt32(number)))
      }
    }
    return trackings
  }

  private func interfaceTrackings(
    _ instance: VRRPInstance, _ interface: InterfaceIndex,
    _ addresses: [PlacedAddress], _ group: VRRPSyncGroup?
  ) -> [Tracking] {
    // What the instance cannot work without, unasked.
    var implied: [InterfaceIndex] = []
    if interface != .none && !instance.dontTrackPrimary {
      implied = [interface, interfaces.base(of: interface)]
    }
    implied += addresses.compactMap { placed in
      if placed.line.noTrack || placed.interface == .none { return nil }
      return instance.dontTrackPrimary && placed.interface == interface ? nil : placed.interface
    }
    for trackGroup in configuration.trackGroups where trackGroup.instances.contains(instance.name) {
      implied += configuration.staticAddresses.compactMap { line in
        guard line.trackGroup == trackGroup.name, !line.noTrack else { return nil }
        return line.device.map(interfaces.number(named:))
      }
    }
    var lines: [Tracker] = []
    for number in implied {
      let name = interfaces.name(number)
      if !lines.contains(where: { $0.name == name }) { lines.append(Tracker(name: name)) }
    }
    for line in Self.merge(instance.trackInterfaces, group?.trackInterfaces ?? [])
    where !lines.contains(where: { $0.name == line.name }) {
      lines.append(line)
    }
    return lines.map { tracking($0, .interface, interfaces.number(named: $0.name).rawValue) }
  }

  private func tracking(_ line: Tracker, _ kind: TrackerID.Kind, _ number: UInt32) -> Tracking {
    let id = TrackerID(kind, number)
    return Tracking(
      id, name: line.name, weight: Int(line.weight), isReversed: line.isReversed,
      status: status(id))
  }

  /// The group's line wins, unless the member's means fault.
  private static func merge(_ own: [Tracker], _ group: [Tracker]) -> [Tracker] {
    var lines = own
    for line in group {
      guard let place = lines.firstIndex(where: { $0.name == line.name }) else {
        lines.append(line)
        continue
      }
      if lines[place].weight != 0 { lines[place] = line }
    }
    return lines
  }
}
