import Configuration
import Kernel
import Primitives
import SystemIO
import VRRP
import Wire

/// A configuration as the parts of the process need it.
struct MappedConfiguration {
  var routers: [MappedRouter]
  let groups: [VRRPSyncGroup]
  let protocolGroups: [SyncGroupConfiguration]
  let limiters: [GratuitousLimit]
  let staticAddresses: [PlacedAddress]
  let staticRoutes: [PlacedRoute]
  let staticRules: [PlacedRule]

  /// `status` tells what is known of a tracked thing now.
  init(
    _ configuration: Configuration, links: VirtualLinkPlan, interfaces: InterfaceTable,
    origin: UInt8, sources: TrackedSources = TrackedSources(),
    status: @escaping (TrackerID) -> TrackerStatus
  ) {
    var mapping = RouterMapping(
      configuration.vrrp, configuration.global.vrrp, links: links, interfaces: interfaces,
      origin: origin, sources: sources, status: status)
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
    staticRoutes = configuration.vrrp.staticRoutes.map { PlacedRoute($0, in: interfaces) }
    staticRules = configuration.vrrp.staticRules.map(PlacedRule.init)
  }
}

/// Makes the protocol's configuration of the one that was read.
private struct RouterMapping {
  private let configuration: VRRPConfiguration
  private let globals: VRRPGlobals
  private let links: VirtualLinkPlan
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
    _ configuration: VRRPConfiguration, _ globals: VRRPGlobals, links: VirtualLinkPlan,
    interfaces: InterfaceTable, origin: UInt8, sources: TrackedSources,
    status: @escaping (TrackerID) -> TrackerStatus
  ) {
    self.sources = sources
    self.configuration = configuration
    self.globals = globals
    self.links = links
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
    let places = Places(instance, links, interfaces)
    let addresses = instance.virtualAddresses.map { place($0, instance, places) }
    let excluded = instance.excludedAddresses.map { place($0, instance, places) }
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
    router.sendingInterface = places.sending
    router.configuredSource = instance.sourceAddress
    router.tracksSource = instance.trackSrcIP && instance.interface != nil
    router.interfaceSource = sources.address(of: instance, places.source, interfaces)
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
    router.hasRoutes = !instance.virtualRoutes.isEmpty
    router.hasRules = !instance.virtualRules.isEmpty
    router.addresses = addresses.map { virtualAddress($0, instance, places) }
    router.excludedAddresses = excluded.map { virtualAddress($0, instance, places) }
    router.gratuitous = schedule(instance)
    router.trackings = trackings(instance, places, addresses + excluded)
    return MappedRouter(
      instance: instance, router: router, addresses: addresses, excludedAddresses: excluded,
      routes: KeyedObjects(instance.virtualRoutes.map { PlacedRoute($0, in: interfaces) }),
      rules: KeyedObjects(instance.virtualRules.map(PlacedRule.init)),
      interface: places.configured, sendingInterface: places.sending,
      sourceInterface: places.source)
  }

  private func identity(_ instance: VRRPInstance) -> RouterIdentity {
    RouterIdentity(
      virtualRouterID: instance.virtualRouterID, family: instance.family,
      configuredInterface: instance.interface ?? "", isUnicast: instance.isUnicast,
      address: instance.isUnicast ? instance.sourceAddress : instance.multicastDestination,
      usesVirtualMAC: instance.vmac != nil, usesVirtualMACForAddresses: instance.useVMACAddr)
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

  private func place(
    _ line: AddressLine, _ instance: VRRPInstance, _ places: Places
  ) -> PlacedAddress {
    let interface: InterfaceIndex =
      switch line.placement {
      case .interface: places.configured
      case .instanceVMAC: places.link ?? places.configured
      case .device(let name): interfaces.number(named: name)
      case .extraVMAC(let parent):
        links.link(
          for: line.address, of: instance, on: interfaces.number(named: parent), in: interfaces)
          ?? interfaces.number(named: parent)
      }
    return PlacedAddress(line: line, interface: interface, origin: origin)
  }

  private mutating func virtualAddress(
    _ placed: PlacedAddress, _ instance: VRRPInstance, _ places: Places
  ) -> VirtualAddress {
    let isKnown = interfaces.contains(placed.interface)
    let link = isKnown ? interfaces[placed.interface].link : nil
    let isOnVMAC = links.hardwareAddress(of: placed.interface) != nil
    var attributes = Hasher()
    attributes.combine(placed.line)
    attributes.combine(links.hardwareAddress(of: placed.interface))
    return VirtualAddress(
      address: placed.line.address, prefixLength: placed.line.prefixLength,
      interface: placed.interface, limiter: limiter(placed.interface),
      isOnExtraInterface: placed.interface != places.sending
        && (isOnVMAC || instance.garpExtraIf.all),
      isAnnounced: link?.hasARP ?? true, attributes: attributes.finalize())
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
    _ instance: VRRPInstance, _ places: Places, _ addresses: [PlacedAddress]
  ) -> [Tracking] {
    let group = groupOfInstance[instance.name]
    var trackings = interfaceTrackings(instance, places, addresses, group)
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
    _ instance: VRRPInstance, _ places: Places,
    _ addresses: [PlacedAddress], _ group: VRRPSyncGroup?
  ) -> [Tracking] {
    // What the instance cannot work without, unasked.
    var implied: [InterfaceIndex] = []
    var bases: [InterfaceIndex] = []
    if places.configured != .none && !instance.dontTrackPrimary {
      if let link = places.link {
        implied = [link]
        bases = [places.configured]
      } else {
        implied = [places.configured, interfaces.base(of: places.configured)]
      }
    }
    let own = [places.configured, places.link]
    implied += addresses.compactMap { placed in
      if placed.line.noTrack || placed.interface == .none { return nil }
      return instance.dontTrackPrimary && own.contains(placed.interface) ? nil : placed.interface
    }
    implied += routingDevices(instance).map(interfaces.number(named:)).filter {
      !instance.dontTrackPrimary || !own.contains($0)
    }
    for trackGroup in configuration.trackGroups where trackGroup.instances.contains(instance.name) {
      implied += staticDevices(trackGroup.name).map(interfaces.number(named:))
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
    return bases.map { base in
      tracking(Tracker(name: interfaces.name(base)), .baseInterface, base.rawValue)
    } + lines.map { tracking($0, .interface, interfaces.number(named: $0.name).rawValue) }
  }

  /// Of routes and rules that are missed when they go.
  private func routingDevices(_ instance: VRRPInstance) -> [String] {
    instance.virtualRoutes.compactMap { $0.noTrack ? nil : $0.device }
      + instance.virtualRules.filter { !$0.noTrack }
      .flatMap { [$0.inputDevice, $0.outputDevice].compactMap(\.self) }
  }

  /// Of what is static and what the instances of a group depend on.
  private func staticDevices(_ group: String) -> [String] {
    let addresses = configuration.staticAddresses.filter { $0.trackGroup == group && !$0.noTrack }
    let routes = configuration.staticRoutes.filter { $0.trackGroup == group }
    let rules = configuration.staticRules.filter { $0.trackGroup == group }
    return addresses.compactMap(\.device) + routes.compactMap(\.device)
      + rules.compactMap(\.inputDevice)
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

/// The interfaces of an instance.
private struct Places {
  /// None for unicast without one.
  let configured: InterfaceIndex
  /// Its VMAC or ipvlan.
  let link: InterfaceIndex?
  /// By which adverts leave and come.
  let sending: InterfaceIndex
  /// Whose address is the source of adverts: over IPv4 the parent's, since the link has none but
  /// virtual ones.
  let source: InterfaceIndex

  init(_ instance: VRRPInstance, _ links: VirtualLinkPlan, _ interfaces: InterfaceTable) {
    configured = instance.interface.map(interfaces.number(named:)) ?? .none
    link = links.link(of: instance)
    sending = instance.vmacXmitBase ? configured : link ?? configured
    let isOnParent = instance.family == .ipv4 && instance.vmac != nil
    // A source that must be there (`track_src_ip`) must be on the configured interface.
    source = isOnParent || instance.trackSrcIP ? configured : sending
  }
}
